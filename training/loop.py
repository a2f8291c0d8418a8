"""The training loop that both trainings share: schedule, checkpoints, resumption.

The network computes in bfloat16 while the optimiser holds and updates float32 copies of its
parameters; a step's rate rises over the first steps and then falls to zero in a straight line.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

WARM_UP = 50  # steps
LOG_EVERY = 25  # steps

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def freeze(network: nn.Module, layers: int) -> None:
    """Leave a BERT's embeddings and its first `layers` as they are; 0 trains everything.

    A step is quicker by their share of the backward pass, and what a base learnt of many
    languages on far more text than there is here stays.
    """
    if not layers:
        return
    for name, parameter in network.named_parameters():
        _, _, place = name.partition("encoder.layer.")
        frozen = "embeddings." in name or (place and int(place.split(".")[0]) < layers)
        parameter.requires_grad = not frozen


class MasterWeights:
    """AdamW over float32 copies of the parameters that are trained; `rate_of` is by their name."""

    def __init__(self, network: nn.Module, rate_of: Callable[[str], float], decay: float) -> None:
        self.network = network
        named = {name: p for name, p in network.named_parameters() if p.requires_grad}
        self._names, self._live = list(named), list(named.values())
        self._copies = [p.detach().float().clone().requires_grad_() for p in self._live]
        self._rates = [rate_of(name) for name in named]
        groups = [
            {"params": [copy], "lr": rate}
            for copy, rate in zip(self._copies, self._rates, strict=True)
        ]
        self._adamw = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=decay, fused=True)

    def step(self, share: float) -> None:
        """Use the gradients once, at `share` of the full rates, and clear them."""
        for live, copy in zip(self._live, self._copies, strict=True):
            copy.grad = None if live.grad is None else live.grad.float()
            live.grad = None
        nn.utils.clip_grad_norm_(self._copies, 1.0)
        for group, rate in zip(self._adamw.param_groups, self._rates, strict=True):
            group["lr"] = rate * share
        self._adamw.step()
        self._publish()

    @torch.no_grad()
    def _publish(self) -> None:
        for live, copy in zip(self._live, self._copies, strict=True):
            live.copy_(copy)

    def weights(self) -> dict[str, torch.Tensor]:
        """All parameters by name, in float32."""
        weights = {name: p.detach().float().cpu() for name, p in self.network.named_parameters()}
        copies = zip(self._names, self._copies, strict=True)
        return weights | {name: copy.detach().cpu() for name, copy in copies}

    def state(self) -> dict[str, object]:
        return {"copies": [c.detach() for c in self._copies], "adamw": self._adamw.state_dict()}

    @torch.no_grad()
    def restore(self, state: Mapping[str, object]) -> None:
        for copy, saved in zip(self._copies, state["copies"], strict=True):  # type: ignore[call-overload]
            copy.copy_(saved)
        self._adamw.load_state_dict(state["adamw"])  # type: ignore[arg-type]
        self._publish()


def train(
    masters: MasterWeights,
    loss_at: Callable[[int], torch.Tensor],
    keep: Callable[[str], None],
    checkpoint: Path,
    steps: int,
    keep_every: int,
) -> None:
    """Run up to `steps`, going on from `checkpoint` where it exists; it is removed at the end.

    `loss_at(step)` must depend on the step's number and the network alone, so that a run that
    was broken off goes on as if it had not been. `keep(when)` saves and measures the weights.
    """
    step, began = 0, time.monotonic()
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=DEVICE)
        step = saved["step"]
        masters.restore(saved["masters"])
        print(f"going on from {checkpoint}, step {step}", flush=True)
    losses: list[float] = []
    while step < steps:
        loss = loss_at(step)
        loss.backward()
        masters.step(min(1.0, (step + 1) / WARM_UP) * (1 - step / steps))
        step += 1
        losses.append(float(loss.detach()))
        if step % LOG_EVERY == 0:
            minutes = (time.monotonic() - began) / 60
            average = sum(losses[-LOG_EVERY:]) / LOG_EVERY
            print(f"{minutes:.1f} min, step {step}/{steps}, loss {average:.3f}", flush=True)
        if step % keep_every == 0 and step < steps:
            keep(f"step {step}")
            draft = checkpoint.with_suffix(".new")
            torch.save({"step": step, "masters": masters.state()}, draft)
            draft.replace(checkpoint)
    keep("end")
    checkpoint.unlink(missing_ok=True)


def save_weights(start: Path, out: Path, weights: Mapping[str, torch.Tensor]) -> None:
    """A model folder like `start`, with `weights` in float16."""
    ignored = shutil.ignore_patterns("checkpoint.pt", "model.safetensors")
    shutil.copytree(start, out, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=ignored)
    halves = {name: weight.half().contiguous() for name, weight in weights.items()}
    save_file(halves, out / "model.new", metadata={"format": "pt"})
    (out / "model.new").replace(out / "model.safetensors")
