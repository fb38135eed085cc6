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

        self.engine = LLM(model=model, enable_prefix_caching=True, **settings)

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
                **({"structured_outputs": StructuredOutputsParams(json=schema, disable_any_whitespace=True)} if schema else {}),
            ))
        outputs = self.engine.chat([body["messages"] for body in bodies], parameters, use_tqdm=False)
        lines = []
        for line, output in zip(batch["line"], outputs):
            answer = output.outputs[0]
            usage = {"prompt_tokens": len(output.prompt_token_ids), "completion_tokens": len(answer.token_ids)}
            choice = {"index": 0, "message": {"role": "assistant", "content": answer.text}, "finish_reason": answer.finish_reason}
            body = {"object": "chat.completion", "choices": [choice], "usage": usage}
            lines.append(json.dumps({"custom_id": json.loads(line)["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}))
        return {"line": lines}


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
    open_shards = [index for index in range(len(shards)) if not whole(options.job, index)]
    ray.init(ignore_reinit_error=True)
    for index in open_shards:
        with open(f"{options.job}/shard-{index}.jsonl") as file:
            rows = [{"line": line} for line in file.read().splitlines()]
        answers = ray.data.from_items(rows).map_batches(
            Judge, fn_constructor_args=(options.model, options.engine), batch_size=options.batch,
            concurrency=options.concurrency, num_gpus=options.gpus or None,
        )
        temporary, part, count = f"{options.job}/part-{index}.tmp", f"{options.job}/part-{index}.jsonl", 0
        with open(temporary, "w") as file:
            for row in answers.iter_rows():
                file.write(row["line"] + "\n")
                count += 1
        os.replace(temporary, part)
        with open(f"{part}.ok", "w") as file:
            json.dump({"rows": count, "sha256": digest(part)}, file)
        os.replace(f"{part}.ok", f"{options.job}/part-{index}.ok")
        print(f"shard {index}: {count} rows", flush=True)


if __name__ == "__main__":
    main()
