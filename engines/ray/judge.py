"""Answers the prompts of a job folder with Ray Data and vLLM: python judge.py JOB --model MODEL [--concurrency 4] [--gpus 1]

One vLLM engine per actor; every shard that has no whole part is answered, and written as `dualtree job run-shard` writes it:
part-i.tmp, renamed, then part-i.ok with rows and SHA-256. Start it again after a failure: whole parts are left alone.
"""
import argparse, hashlib, json, os

import ray


def whole(folder, index):
    try:
        with open(f"{folder}/part-{index}.ok") as file:
            ok = json.load(file)
        return digest(f"{folder}/part-{index}.jsonl") == ok["sha256"]
    except (OSError, ValueError, KeyError):
        return False


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Judge:
    """An engine that answers chat requests as they stand in the shard, schema and all."""

    def __init__(self, model, settings):
        from vllm import LLM

        # without it a grammar allows blanks for ever, and a small model writes them
        grammar = {"backend": "xgrammar", "disable_any_whitespace": True}
        self.engine = LLM(model=model, **{"enable_prefix_caching": True, "structured_outputs_config": grammar, **settings})

    def __call__(self, batch):
        from vllm import SamplingParams
        from vllm.sampling_params import StructuredOutputsParams

        bodies = [json.loads(line)["body"] for line in batch["line"]]
        parameters = []
        for body in bodies:
            schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
            parameters.append(SamplingParams(
                temperature=body.get("temperature", 0), seed=body.get("seed"),
                max_tokens=body.get("max_completion_tokens") or body.get("max_tokens") or 1024,
                **({"structured_outputs": StructuredOutputsParams(json=schema)} if schema else {}),
            ))
        outputs = self.engine.chat([body["messages"] for body in bodies], parameters, use_tqdm=False)
        lines = []
        for line, output in zip(batch["line"], outputs):
            answer = output.outputs[0]
            usage = {"prompt_tokens": len(output.prompt_token_ids), "completion_tokens": len(answer.token_ids)}
            choice = {"index": 0, "message": {"role": "assistant", "content": answer.text}, "finish_reason": answer.finish_reason}
            body = {"object": "chat.completion", "choices": [choice], "usage": usage}
            lines.append(json.dumps({"custom_id": json.loads(line)["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}))
        return {"line": lines, "path": batch["path"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("job")
    parser.add_argument("--model", required=True)
    parser.add_argument("--concurrency", type=int, default=1, help="engines at once")
    parser.add_argument("--gpus", type=float, default=1, help="GPUs per engine; 0 on CPUs")
    parser.add_argument("--batch", type=int, default=256, help="prompts handed to an engine at once")
    parser.add_argument("--engine", type=json.loads, default={}, help="further arguments of vllm.LLM, as JSON")
    options = parser.parse_args()
    with open(f"{options.job}/job.json") as file:
        shards = json.load(file)["shards"]
    missing = {index: shard["requests"] for index, shard in enumerate(shards) if not whole(options.job, index)}
    if not missing:
        return print("every shard is whole")
    ray.init(ignore_reinit_error=True)
    # one stream over all shards, so that a model is loaded once per engine
    files = [os.path.abspath(f"{options.job}/shard-{index}.jsonl") for index in missing]
    answers = ray.data.read_text(files, include_paths=True).rename_columns({"text": "line"}).map_batches(
        Judge, fn_constructor_args=(options.model, options.engine), batch_size=options.batch,
        compute=ray.data.ActorPoolStrategy(size=options.concurrency), num_gpus=options.gpus or None,
    )
    output = {index: open(f"{options.job}/part-{index}.tmp", "w") for index in missing}
    rows = dict.fromkeys(missing, 0)
    for row in answers.iter_rows():
        index = int(row["path"].rsplit("-", 1)[1].removesuffix(".jsonl"))
        output[index].write(row["line"] + "\n")
        rows[index] += 1
        if rows[index] == missing[index]:
            output[index].close()
            finish(options.job, index, rows[index])
    if rows != missing:
        raise SystemExit(f"{sum(missing.values()) - sum(rows.values())} prompts have no answer: start again")


def finish(folder, index, rows):
    part = f"{folder}/part-{index}.jsonl"
    os.replace(f"{folder}/part-{index}.tmp", part)
    with open(f"{part}.ok", "w") as file:
        json.dump({"rows": rows, "sha256": digest(part)}, file)
    os.replace(f"{part}.ok", f"{folder}/part-{index}.ok")
    print(f"shard {index}: {rows} rows", flush=True)


if __name__ == "__main__":
    main()
