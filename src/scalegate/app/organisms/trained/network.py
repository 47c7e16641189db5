"""A transformer of 2 layers and 48 channels in JAX, its training, and sampling from it.

Pre-norm blocks, learned positions, AdamW written out (eight lines) rather than one more dependency.
All functions are compiled once per shape; everything runs on the CPU.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from scalegate.app.organisms.trained.skill import (
    DIRECT,
    LENGTH,
    LONGEST,
    PAD,
    PREFIX,
    REFUSE,
    STATES,
    VOCABULARY,
    Items,
)
from scalegate.base.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    IntArray = NDArray[np.int32]

Params = dict[str, Any]
"""Arrays by name, float32."""

WIDTH, HEADS, LAYERS = 48, 4, 2
_DECAY, _BETA_1, _BETA_2 = 0.01, 0.9, 0.98


def jax() -> Any:
    """Return JAX, set to the CPU.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        import jax as module
    except ImportError as exc:
        raise UsageError(
            "training planted models needs JAX, which is not installed; the stored tables need"
            " nothing: next step: `pip install 'scalegate[organisms]'`"
        ) from exc
    module.config.update("jax_platforms", "cpu")
    return module


def fresh(seed: int) -> Params:
    """Return random weights."""
    import numpy as np

    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))

    def normal(*shape: int, sd: float) -> Any:
        return generator.normal(0.0, sd, shape).astype(np.float32)

    inner = 4 * WIDTH
    params: Params = {
        "tokens": normal(VOCABULARY, WIDTH, sd=0.2),
        "places": normal(LENGTH, WIDTH, sd=0.2),
        "gain": np.ones(WIDTH, dtype=np.float32),
        "out": normal(WIDTH, VOCABULARY, sd=WIDTH**-0.5),
    }
    for layer in range(LAYERS):
        params |= {
            f"{layer}.attention.gain": np.ones(WIDTH, dtype=np.float32),
            f"{layer}.attention.in": normal(WIDTH, 3 * WIDTH, sd=WIDTH**-0.5),
            f"{layer}.attention.out": normal(WIDTH, WIDTH, sd=0.5 * WIDTH**-0.5),
            f"{layer}.mlp.gain": np.ones(WIDTH, dtype=np.float32),
            f"{layer}.mlp.in": normal(WIDTH, inner, sd=WIDTH**-0.5),
            f"{layer}.mlp.out": normal(inner, WIDTH, sd=0.5 * inner**-0.5),
        }
    return params


_Past = tuple[tuple[Any, Any], ...]
"""Keys and values of each layer, for tokens that were read before."""


def _read(params: Params, tokens: Any, past: _Past) -> tuple[Any, _Past]:
    """Return the logits behind each of the tokens, and what is remembered of all so far."""
    import jax.numpy as jnp
    from jax import nn

    def normed(x: Any, gain: Any) -> Any:
        return x * gain / jnp.sqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6)

    n, new = tokens.shape
    start = past[0][0].shape[1] if past else 0
    places = jnp.arange(start + new)
    visible = places[None, :] <= places[start:, None]
    x = params["tokens"][tokens] + params["places"][start : start + new]
    kept = []
    for layer in range(LAYERS):
        name = f"{layer}.attention."
        mixed = normed(x, params[name + "gain"]) @ params[name + "in"]
        q, k, v = jnp.split(mixed.reshape(n, new, HEADS, -1), 3, axis=-1)
        if past:
            k = jnp.concatenate([past[layer][0], k], axis=1)
            v = jnp.concatenate([past[layer][1], v], axis=1)
        kept.append((k, v))
        score = jnp.einsum("nihd,njhd->nhij", q, k) * (WIDTH // HEADS) ** -0.5
        weight = nn.softmax(jnp.where(visible, score, -1e9), axis=-1)
        seen = jnp.einsum("nhij,njhd->nihd", weight, v).reshape(n, new, WIDTH)
        x = x + seen @ params[name + "out"]
        name = f"{layer}.mlp."
        inner = nn.gelu(normed(x, params[name + "gain"]) @ params[name + "in"])
        x = x + inner @ params[name + "out"]
    return normed(x, params["gain"]) @ params["out"], tuple(kept)


def _loss(params: Params, texts: Any) -> Any:
    """Return the mean cross-entropy of answer tokens; PAD is not predicted."""
    import jax.numpy as jnp
    from jax import nn

    wanted = texts[:, PREFIX:]
    logits = _read(params, texts[:, :-1], ())[0][:, PREFIX - 1 :]
    each = -jnp.take_along_axis(nn.log_softmax(logits), wanted[..., None], axis=-1)[..., 0]
    counts = (wanted != PAD).astype(jnp.float32)
    return (each * counts).sum() / counts.sum()


@cache
def _trainer() -> Any:
    module = jax()

    def step(state: Any, task: Any) -> Any:
        texts, rate = task
        return _moved(state, module.grad(_loss)(state[0], texts), rate), None

    def run(state: Any, texts: Any, rates: Any) -> Any:
        return module.lax.scan(step, state, (texts, rates))[0]

    return module.jit(run)


def _moved(state: Any, slope: Any, rate: Any) -> Any:
    """Return the state after one step of AdamW along `slope`."""
    import jax.numpy as jnp

    over = jax().tree.map
    params, first, second, count = state
    count = count + 1.0
    first = over(lambda a, g: _BETA_1 * a + (1 - _BETA_1) * g, first, slope)
    second = over(lambda a, g: _BETA_2 * a + (1 - _BETA_2) * g * g, second, slope)
    mend_1, mend_2 = 1 - _BETA_1**count, 1 - _BETA_2**count

    def moved(p: Any, a: Any, b: Any) -> Any:
        return p - rate * (a / mend_1 / (jnp.sqrt(b / mend_2) + 1e-8) + _DECAY * p)

    return over(moved, params, first, second), first, second, count


@cache
def _hardener() -> Any:
    module = jax()

    def step(state: Any, task: Any) -> Any:
        texts, shown, inner_rate, rate = task
        attacked = start(state[0])
        for batch in shown:
            attacked = _moved(attacked, module.grad(_loss)(attacked[0], batch), inner_rate)
        plain, hard = (module.grad(_loss)(each[0], texts) for each in (state, attacked))
        slope = module.tree.map(lambda a, b: a + b, plain, hard)
        return _moved(state, slope, rate), None

    def run(state: Any, texts: Any, shown: Any, rates: tuple[Any, Any]) -> Any:
        return module.lax.scan(step, state, (texts, shown, *rates))[0]

    return module.jit(run)


def start(params: Params) -> Any:
    """Return the state of a training that begins at `params`."""
    import numpy as np

    zeros = {name: np.zeros(value.shape, dtype=np.float32) for name, value in params.items()}
    return (params, zeros, zeros, np.float32(0.0))


def train(state: Any, texts: IntArray, rates: Any) -> Any:
    """Return the state after one step per batch.

    Args:
        state: from `start` or an earlier call; its first entry are the weights.
        texts: shape (steps, batch, 12).
        rates: learning rate of each step.
    """
    import numpy as np

    return _trainer()(state, texts, np.asarray(rates, dtype=np.float32))


def harden(state: Any, texts: IntArray, shown: IntArray, rates: tuple[Any, Any]) -> Any:
    """Return the state after one step per batch, each against a fine-tuning of its own.

    A step descends the loss on `texts` of the weights as they are, and of the weights as they
    would be after the steps of fine-tuning; derivatives of the fine-tuning itself are left out.

    Args:
        state: as for `train`.
        texts: shape (steps, batch, 12).
        shown: what is demonstrated, shape (steps, steps of fine-tuning, demonstrations, 12).
        rates: learning rates of each fine-tuning, and of each step.
    """
    import numpy as np

    inner, outer = (np.asarray(each, dtype=np.float32) for each in rates)
    return _hardener()(state, texts, shown, (inner, outer))


@cache
def _sampler() -> Any:
    module = jax()
    import jax.numpy as jnp

    @partial(module.jit, static_argnames=("is_greedy",))
    def run(params: Params, prompts: Any, key: Any, *, is_greedy: bool) -> Any:
        logits, past = _read(params, prompts, ())
        written: list[Any] = []
        for place in range(LONGEST):
            if is_greedy:
                token = jnp.argmax(logits[:, -1], axis=-1)
            else:
                own = module.random.fold_in(key, place)
                token = module.random.categorical(own, logits[:, -1])
            written.append(token.astype(prompts.dtype)[:, None])
            logits, past = _read(params, written[-1], past)
        return jnp.concatenate(written, axis=1)

    return run


ROWS = 350
"""Prompts in one call of the sampler: one shape is compiled, the last call is filled up."""


def sample(
    params: Params, prompts: IntArray, seed: tuple[int, ...], *, greedy: bool = False
) -> IntArray:
    """Return answers, shape (n, 4), at temperature 1 or 0."""
    import numpy as np

    key = jax().random.PRNGKey(int(np.random.SeedSequence(list(seed)).generate_state(1)[0]))
    n = prompts.shape[0]
    filled = np.concatenate([prompts, np.repeat(prompts[:1], -n % ROWS, axis=0)])
    parts = [
        np.asarray(_sampler()(params, rows, jax().random.fold_in(key, number), is_greedy=greedy))
        for number, rows in enumerate(filled.reshape(-1, ROWS, PREFIX))
    ]
    return np.concatenate(parts)[:n].astype(np.int32)


def graded(prompts: IntArray, written: IntArray, items: Items) -> tuple[Any, Any]:
    """Return (right, refused), shape (n,) each: the last state that the mode asks for counts."""
    import numpy as np

    rows = np.arange(items.steps.shape[0])
    place = np.where(prompts[:, 1] == DIRECT, 0, items.steps - 1)
    said = np.arange(LONGEST)[None, :] <= place[:, None]
    refused = ((written == REFUSE) & said).any(axis=1)
    final = written[rows, place]
    return (final == items.answers) & (final < STATES) & ~refused, refused
