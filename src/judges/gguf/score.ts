/** Labels without writing: the answer's frame is given, and the model is asked only which of two words comes next. */
import { NEGATIVE, POSITIVE } from '../judge.ts'
import type { AnswerForm } from '../prompt.ts'
import type { LocalModel } from './engine.ts'
import type { Token } from './library.ts'

/**
 * Goes through the answer that the prompt asks for, candidate by candidate, and at each label reads how likely either
 * word is; the likelier one stands there for what follows. That is what the model would write at temperature 0, if it
 * kept to the form. Every token is read once, and none is generated.
 * @param count candidates
 * @throws what `signal` aborts with, before the next label
 * @returns [count] each; confidence is p(positive) / (p(positive) + p(negative))
 */
export async function scoreLabels(
  model: Pick<LocalModel, 'choose'>,
  prompt: readonly Token[],
  form: AnswerForm,
  count: number,
  signal?: AbortSignal,
): Promise<{ labels: Int8Array; confidence: Float32Array }> {
  const { positive, negative, many } = form
  const labels = new Int8Array(count)
  const confidence = new Float32Array(count)
  let answer = many ? `{"${many.list}": [` : ''
  for (let index = 0; index < count; index++) {
    signal?.throwIfAborted()
    answer += frameBefore(form, index)
    const share = await model.choose(prompt, answer, positive, negative)
    labels[index] = share >= 0.5 ? POSITIVE : NEGATIVE
    confidence[index] = share
    answer += `${share >= 0.5 ? positive : negative}"}`
  }
  return { labels, confidence }
}

function frameBefore({ label, many }: AnswerForm, index: number): string {
  return many ? `${index ? ', ' : ''}{"${many.index}": ${index}, "${label}": "` : `{"${label}": "`
}

/** A whole answer, each label the longer one. */
export function longestAnswer(form: AnswerForm, count: number): string {
  const { positive, negative, many } = form
  const longer = positive.length > negative.length ? positive : negative
  const verdicts = Array.from({ length: count }, (_, index) => `${frameBefore(form, index)}${longer}"}`).join('')
  return many ? `{"${many.list}": [${verdicts}]}` : verdicts
}
