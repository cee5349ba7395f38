"""PyTorch's DLRM with the shapes of this benchmark, as facebookresearch/dlrm builds it: eager, float32, an
EmbeddingBag a field with sparse gradients. On the first CUDA GPU, or on the CPU.

Reads {"cases": [...], "rounds": n, "roundMs": ms} from stdin (cases as in src/benchmark/cases.ts, with "dim" and
"optimizer"), writes a line of JSON a case in the format of `npm run bench -- --json`. Weights and batches are its
own, drawn from the same distributions: only times are comparable, so "lossesAgree" is null.

    npm run bench -- --node --case kaggle-128-1k --pytorch python3
"""

import json
import statistics
import sys
import time

import torch
from torch import nn

BATCHES = 20
STEPS_PER_READ = 20
WARM_UP = 25


class Dlrm(nn.Module):
    def __init__(self, case):
        super().__init__()
        dim, vectors = case["dim"], len(case["cardinalities"]) + 1
        tables = [nn.EmbeddingBag(rows, dim, mode="sum", sparse=True) for rows in case["cardinalities"]]
        for table in tables:
            bound = table.num_embeddings**-0.5
            nn.init.uniform_(table.weight, -bound, bound)
        self.tables = nn.ModuleList(tables)
        self.bottom = mlp([case["numericColumns"], *case["bottomMlp"], dim], [nn.ReLU()])
        self.top = mlp([dim + vectors * (vectors - 1) // 2, *case["topMlp"], 1], [])
        # Pairs i > k of the vectors.
        self.register_buffer("pairs", torch.tril_indices(vectors, vectors, offset=-1))

    def forward(self, numbers, ids, offsets):  # [B, numeric], [F, B], [B]
        bottom = self.bottom(numbers)
        looked_up = [table(ids[field], offsets) for field, table in enumerate(self.tables)]
        vectors = torch.stack([bottom, *looked_up], dim=1)  # [B, T, D]
        dots = torch.bmm(vectors, vectors.transpose(1, 2))
        i, k = self.pairs
        return self.top(torch.cat([bottom, dots[:, i, k]], dim=1)).squeeze(1)


def mlp(widths, last):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1], *last)


class RowAdagrad(torch.optim.Optimizer):
    """Sparse Adagrad with one accumulator a row, the mean of squares, as FBGEMM's."""

    def __init__(self, parameters, lr, eps=1e-8):
        super().__init__(parameters, {"lr": lr, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for table in group["params"]:
                gradient = table.grad.coalesce()
                rows, values = gradient.indices()[0], gradient.values()
                state = self.state[table]
                if not state:
                    state["sum"] = torch.zeros(table.shape[0], device=table.device)
                state["sum"].index_add_(0, rows, values.pow(2).mean(dim=1))
                scale = state["sum"][rows].sqrt().add_(group["eps"]).unsqueeze(1)
                table.index_add_(0, rows, values / scale, alpha=-group["lr"])


def optimizers_of(model, case):
    lr = case["learningRate"]
    if case["optimizer"] == "sgd":
        return [torch.optim.SGD(model.parameters(), lr=lr)]
    dense = [*model.bottom.parameters(), *model.top.parameters()]
    return [torch.optim.Adagrad(dense, lr=lr), RowAdagrad(model.tables.parameters(), lr=lr)]


def draw_batches(case, device):
    """Ids evenly from a field's rows, or from `distinctIds` of them; everything on the device before the first step."""
    size = case["batch"]
    for _ in range(BATCHES):
        ids = []
        for rows in case["cardinalities"]:
            drawn = min(case["distinctIds"] or rows, rows)
            ids.append(torch.randint(drawn, (size,)) * rows // drawn)
        numbers = torch.randn(size, case["numericColumns"])
        labels = torch.randint(2, (size,)).float()
        yield numbers.to(device), torch.stack(ids).to(device), labels.to(device)


def measure(case, rounds, round_ms, device):
    """Milliseconds of a step in each round, and the steps of a round."""
    torch.manual_seed(1)
    model = Dlrm(case).to(device)
    optimizers = optimizers_of(model, case)
    batches = list(draw_batches(case, device))
    offsets = torch.arange(case["batch"], device=device)
    loss_of = nn.BCEWithLogitsLoss()
    done = 0

    def train(steps):
        """The loss is read back once, which waits for the device."""
        nonlocal done
        for _ in range(steps):
            numbers, ids, labels = batches[done % BATCHES]
            done += 1
            loss = loss_of(model(numbers, ids, offsets), labels)
            for optimizer in optimizers:
                optimizer.zero_grad(set_to_none=True)
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
        return loss.item()

    train(WARM_UP)
    begun = time.perf_counter()
    train(STEPS_PER_READ)
    reads = max(1, round(round_ms / 1000 / (time.perf_counter() - begun)))
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(reads):
            loss = train(STEPS_PER_READ)
        times.append(1000 * (time.perf_counter() - begun) / (reads * STEPS_PER_READ))
    if loss != loss:
        raise RuntimeError("the loss is not a number")
    return times, reads * STEPS_PER_READ


def main():
    task = json.load(sys.stdin)
    # Float32 throughout, as everybody here.
    torch.backends.cuda.matmul.allow_tf32 = False
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    adapter = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    for case in task["cases"]:
        times, steps, outcome, message = [], 0, "measured", None
        begun = time.perf_counter()
        try:
            times, steps = measure(case, task["rounds"], task["roundMs"], device)
        except (RuntimeError, MemoryError) as error:
            message = str(error).splitlines()[0]
            outcome = "does not fit" if "memory" in message else "failed"
        print(
            json.dumps(
                {
                    "case": case["name"],
                    "library": "pytorch",
                    "backend": device.type,
                    "batch": case["batch"],
                    "rows": max(case["cardinalities"]),
                    "medianMs": statistics.median(times) if times else None,
                    "minMs": min(times, default=None),
                    "maxMs": max(times, default=None),
                    "lossesAgree": None,
                    "adapter": adapter,
                    "version": torch.__version__,
                    "outcome": outcome,
                    "message": message,
                    "stepsCompared": 0,
                    "largestDifference": None,
                    "rounds": len(times),
                    "stepsPerRound": steps,
                    "dispatchesPerStep": None,
                    "startMs": 1000 * (time.perf_counter() - begun),
                    "kernels": None,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
