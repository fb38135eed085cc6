import type { Convention } from './convention.ts'
import { ours } from './formulas.ts'

/** All formulas are ours: MAP, too, divides by min(K, |truth|), whatever its docstring says of the list's length. */
export const recbole: Convention = {
  name: 'recbole',
  library: 'RecBole 1.2.1',
  source: 'recbole/evaluator/metrics.py, recbole/sampler/sampler.py, recbole/data/dataloader/general_dataloader.py',
  mask: 'train+valid',
  maskCause: 'masks train and validation (used_ids of the phases)',
  notes: [
    'equal scores in the order of torch.topk, which is not defined',
    'figures are rounded to metric_decimal_place, four digits',
  ],
  metrics: ours,
}
