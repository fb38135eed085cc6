/** Judges as they are typed: `random` or, with options of its own, `chat:llm-model=NAME,base-url=URL`. */
import { InvalidArgumentError } from 'commander'
import { messageOf } from '../../errors.ts'
import { judges } from '../../judges/index.ts'
import { didYouMean } from '../../nearest.ts'
import { kebab } from '../../options.ts'
import { describePartOptions } from '../../registry.ts'
import { parseValue } from './values.ts'

type JudgeSpec = string | Readonly<Record<string, unknown>>

/** @param text several, with commas between; a comma before `key=` goes on with the judge's options */
export function parseJudges(text: string): JudgeSpec[] {
  return text === '' ? [] : text.split(/,(?![\w-]+=)/).map(parseJudge)
}

function parseJudge(text: string): JudgeSpec {
  const [, name, settings] = /^([\w-]+):(.*)$/s.exec(text) ?? []
  if (name === undefined) return judgeNamed(text).name
  const spec: Record<string, unknown> = { judge: name }
  for (const setting of settings.split(',')) {
    const [, flag, value] = /^([\w-]+)=(.*)$/s.exec(setting) ?? []
    if (flag === undefined)
      throw new InvalidArgumentError(`"${setting}" in "${text}": expected option=value, such as llm-model=NAME`)
    const option = optionOf([name, ...(typeof spec.consult === 'string' ? [spec.consult] : [])], flag)
    const parsed = parseValue(option, value)
    // a list is given piece by piece
    const before = spec[option.name]
    spec[option.name] = Array.isArray(before) ? [...before, ...(parsed as unknown[])] : parsed
  }
  return spec
}

/** @param judges the one that is meant, and whom it consults where that was said before */
function optionOf(judges: readonly string[], flag: string) {
  const options = judges.filter(name => name !== 'none').flatMap(name => describePartOptions(judgeNamed(name)))
  const option = options.find(({ name }) => kebab(name) === flag)
  if (option) return option
  const known = options.map(({ name }) => kebab(name))
  throw new InvalidArgumentError(`judge "${judges[0]}" has no option "${flag}"${didYouMean(flag, known)}`)
}

function judgeNamed(name: string) {
  try {
    return judges.get(name)
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
}
