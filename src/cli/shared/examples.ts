/** What the help of the larger commands shows at its end: lines that work as they are, given data or a run directory. */

type Example = readonly [line: string, what: string]

/** By the path of a command. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  demo: [
    ['', 'everything, on synthetic data with planted ground truth'],
    ['--sampler dns --compare uniform', 'other negatives'],
    ['--seeds 3', 'mean and deviation over three seeds'],
  ],
  run: [
    ['clicks.csv', 'columns such as user_id and item_id are found by their names'],
    ['clicks.parquet --preset recommended --seeds 3', 'the settings that did best on validation data, three seeds'],
    ['clicks.csv --k-core 5 --compare uniform,dns', 'rare users and items removed; two more rows in the table'],
  ],
  baselines: [
    ['clicks.csv', 'the usual ones, on full rankings'],
    ['clicks.csv --baselines ease,rp3beta', 'only these'],
    ['clicks.csv --split global-time --cutoffs 5,10', 'the newest interactions held out'],
  ],
  train: [
    ['clicks.csv --out runs/clicks', 'starts a run directory'],
    ['runs/clicks --model mf --dimensions 128', 'another model on the same data'],
    ['runs/clicks --base-sampler dns --epochs 100', 'other negatives'],
  ],
  candidates: [
    ['runs/clicks', 'after "dualtree train"'],
    ['runs/clicks --candidates-per-user 50', 'more of each user'],
    ['runs/clicks --candidate-model ease', 'proposed by a baseline'],
  ],
  evaluate: [
    ['runs/clicks', 'after "dualtree judge"'],
    ['runs/clicks --compare uniform,dns', 'two more rows in the table'],
    ['runs/clicks --protocol strict,released', 'beside the protocol of the released code'],
  ],
  fit: [
    ['runs/clicks', 'the row that is best on validation data'],
    ['runs/clicks --method ease --items items.csv', 'a row by name; titles and attributes of items'],
    ['clicks.csv --preset recommended', 'from data to a model that serves'],
  ],
  judge: [
    ['runs/clicks', 'with the rule of the paper, no language model'],
    ['runs/clicks --judge chat --llm-model qwen3 --base-url http://localhost:8000/v1', 'a language model'],
    ['runs/clicks --judge random --rate 0.5', 'a control'],
  ],
  'judge run': [
    ['runs/clicks --llm-model qwen3 --base-url http://localhost:8000/v1', 'a server of your own'],
    ['runs/clicks --llm-model gpt-5-mini --base-url https://api.openai.com/v1 --max-tokens 20M', 'within a budget'],
    ['runs/clicks --llm-model qwen3 --base-url http://localhost:8000/v1 --sample 100', 'a sample first'],
  ],
  'judge plan': [
    ['runs/clicks --llm-model qwen3', 'prompts and tokens'],
    ['runs/clicks --llm-model qwen3 --tokens-per-second 5000', 'and how long it takes'],
    ['runs/clicks --llm-model qwen3 --prices prices.json', 'and what it costs'],
  ],
  'job plan': [
    ['runs/clicks --stage candidates --shards 64', 'candidates, by ranges of users'],
    ['runs/clicks --stage judge --judge chat --llm-model qwen3 --shards 200', 'prompts for a fleet'],
    ['runs/clicks --stage recommend --shards 64 --k 20', 'recommendations to all users'],
  ],
  'job run-shard': [
    ['runs/clicks/jobs/candidates --index 3', 'on any machine that sees the folder'],
    ['runs/clicks/jobs/candidates --index 0-9', 'ten shards, for which the run is loaded once'],
    ['runs/clicks/jobs/judge --base-url http://localhost:8000/v1', 'the index from SLURM_ARRAY_TASK_ID'],
  ],
  'spark submit': [
    ['clicks.csv --out prepared --time ts --time-unit seconds', "on this machine's cores"],
    ['clicks.jsonl --format jsonl --out prepared --k-core 5 --candidates', 'candidates too'],
    ['hdfs:///clicks --format parquet --out /shared/prepared --master yarn --base als --candidates', 'on a cluster'],
  ],
  'ray submit': [['runs/clicks/jobs/candidates --address http://head:8265 --cpus 4', 'a Ray job per open shard']],
  study: [
    ['alpha demo', 'on synthetic data with planted ground truth'],
    ['ingredients clicks.csv --seeds 3', 'what each ingredient of DTL-NS adds'],
    ['ablation clicks.csv --on valid --epochs 60', 'on validation data'],
  ],
  repro: [
    ['sports data/sports', 'all of it, 10 to 15 minutes'],
    ['sports data/sports --model mf --learning-rate 0.005 --epochs 12', 'a first look in a minute'],
    ['sports data/sports --seeds 3', 'with three seeds'],
  ],
  sweep: [
    ['clicks.csv', 'DTL-NS in its usual ranges'],
    ['clicks.csv --method ease', 'a baseline'],
    ['clicks.csv --method lightgcn:bpr:dns --space space.json', 'values of your own'],
  ],
  'compare-methods': [
    ['clicks.csv --methods ease,dtl-ns', 'both tuned on validation data'],
    ['clicks.csv --methods rp3beta,lightgcn:bpr:mixgcf --seeds 3', 'with three seeds'],
    ['clicks.csv --methods ease,recommended --k-core 5', 'a preset, as it is'],
  ],
  'samplers bench': [
    ['clicks.csv', 'all samplers on the vectors of one training'],
    ['clicks.csv --svg samplers.svg', 'as a picture too'],
    ['clicks.csv --model mf --bench-batches 50', 'on another model'],
  ],
}
