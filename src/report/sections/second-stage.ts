/** What the second stage of the ranking goes by, as a figure and in words, and what it is worth. */
import type { SecondStage } from '../../evaluation/second-stage.ts'
import { decimal, formatCount } from '../../numbers.ts'
import { type Html, html } from '../page/html.ts'
import { colourOf, createPlotter, figure } from '../page/plot.ts'

/** Columns that are shown, those with the largest weights. */
const SHOWN = 14
/** Of them, those that are put in words. */
const TOLD = 4

export async function secondStageSection(stage: SecondStage): Promise<Html> {
  const weights = weightsOf(stage)
  const { Plot, draw } = await createPlotter()
  const bars = weights.slice(0, SHOWN)
  const drawing = draw(
    {
      height: 40 + 20 * bars.length,
      marginLeft: 190,
      x: {
        label: 'weight, in standard deviations of the feature',
        labelArrow: 'none',
        labelAnchor: 'center',
        grid: true,
      },
      y: { label: null, domain: bars.map(({ name }) => name) },
      marks: [
        Plot.barX(bars, {
          x: 'weight',
          y: 'name',
          fill: (bar: { weight: number }) => colourOf(bar.weight < 0 ? 1 : 0),
        }),
        Plot.ruleX([0]),
      ],
    },
    `Weights of the second stage: ${bars.map(({ name, weight }) => `${name} ${decimal(weight, 2)}`).join(', ')}`,
  )
  const caption = `The ${bars.length} largest of ${weights.length} weights. √ is the root of an amount, which is a share of the largest in the user’s list.`
  return html`<p>${worth(stage)}</p>
<p>${inWords(weights)}</p>
${figure('What the second stage goes by', drawing, caption)}`
}

interface Weight {
  readonly name: string
  readonly meaning: string
  readonly weight: number
}

function weightsOf({ names, meanings, score }: SecondStage): Weight[] {
  return names
    .map((name, f) => ({ name, meaning: meanings[f], weight: score.weights[f] }))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
}

function worth({ used, first, second, lists }: SecondStage): string {
  const figures = (own: SecondStage['first']) =>
    `Recall@20 ${decimal(own['recall@20'], 4)} and NDCG@20 ${decimal(own['ndcg@20'], 4)}`
  const both = `On validation data, cross-fitted over users, it has ${figures(second)}; the first stage has ${figures(first)}.`
  return used
    ? `The first 100 items of the ranking are put in the order of a score that was fitted to the lists of ${formatCount(lists)} users. ${both}`
    : `A second stage was fitted, and is not used, since its Recall@20 is not higher. ${both}`
}

function inWords(weights: readonly Weight[]): string {
  const say = (sign: number) =>
    weights
      .filter(({ weight }) => Math.sign(weight) === sign)
      .slice(0, TOLD)
      .map(({ name, meaning }) => `${name} (${meaning})`)
      .join('; ')
  const against = say(-1)
  return `An item moves up most by: ${say(1)}.${against && ` It moves down most by: ${against}. Weights of features that go together are to be read together.`}`
}
