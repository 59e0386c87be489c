"""llama.cpp's own server for tests, with a tiny model that is made here.

Prints the address under which it serves, and serves until it is ended. The model has one layer and
random weights: what it says means nothing, but it is said by the real server, token by token.
"""

import random
import struct
import sys
import tempfile
from pathlib import Path

import xllamacpp

WIDTH = 32
HEADS = 4
FEED_FORWARD = 64
CONTEXT = 8192

# Kinds of tokens, as the format counts them.
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6

# What it may say.
WORDS = ["마음", "▁오늘", "괜찮", "아요", "그렇", "군요", "▁많이", "힘드", "셨겠", "어요", ".", "▁I", "▁see"]

TEMPLATE = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}"
    "{% endfor %}{{ 'assistant: ' }}"
)


def vocabulary():
    """Token, score and kind of each."""
    tokens = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL)]
    tokens += [(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]
    tokens += [(word, -float(rank), NORMAL) for rank, word in enumerate(WORDS)]
    return tokens


def text(value):
    encoded = value.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def pair(key, kind, packed):
    return text(key) + struct.pack("<I", kind) + packed


def whole(key, value):
    return pair(key, 4, struct.pack("<I", value))


def real(key, value):
    return pair(key, 6, struct.pack("<f", value))


def words(key, value):
    return pair(key, 8, text(value))


def array(key, kind, values):
    return pair(key, 9, struct.pack("<IQ", kind, len(values)) + b"".join(values))


def metadata(tokens):
    return [
        words("general.architecture", "llama"),
        words("general.name", "tiny"),
        whole("llama.context_length", CONTEXT),
        whole("llama.embedding_length", WIDTH),
        whole("llama.block_count", 1),
        whole("llama.feed_forward_length", FEED_FORWARD),
        whole("llama.attention.head_count", HEADS),
        whole("llama.attention.head_count_kv", HEADS),
        whole("llama.rope.dimension_count", WIDTH // HEADS),
        whole("llama.vocab_size", len(tokens)),
        real("llama.attention.layer_norm_rms_epsilon", 1e-5),
        words("tokenizer.ggml.model", "llama"),
        array("tokenizer.ggml.tokens", 8, [text(token) for token, _, _ in tokens]),
        array("tokenizer.ggml.scores", 6, [struct.pack("<f", score) for _, score, _ in tokens]),
        array("tokenizer.ggml.token_type", 5, [struct.pack("<i", kind) for _, _, kind in tokens]),
        whole("tokenizer.ggml.unknown_token_id", 0),
        whole("tokenizer.ggml.bos_token_id", 1),
        whole("tokenizer.ggml.eos_token_id", 2),
        words("tokenizer.chat_template", TEMPLATE),
    ]


def weights(tokens):
    """Name, shape and numbers of each tensor."""
    source = random.Random(7)

    def noise(rows, columns, first=None):
        """Rows of random numbers; the first number of each may be given."""
        numbers = []
        for row in range(rows):
            line = [source.gauss(0, 0.2) for _ in range(columns)]
            if first is not None:
                line[0] = first(row)
            numbers += line
        return numbers

    def likely(row):
        """It says words, and never ends by itself: it is told how many tokens there may be."""
        return 2.0 if tokens[row][2] == NORMAL else -8.0

    square = (WIDTH, WIDTH)
    plan = [("token_embd", (WIDTH, len(tokens)), lambda row: 3.0)]
    plan += [(f"blk.0.attn_{part}", square, None) for part in ("q", "k", "v", "output")]
    plan += [(f"blk.0.ffn_{part}", (WIDTH, FEED_FORWARD), None) for part in ("gate", "up")]
    plan += [("blk.0.ffn_down", (FEED_FORWARD, WIDTH), None)]
    plan += [("output", (WIDTH, len(tokens)), likely)]
    for name, (columns, rows), first in plan:
        yield f"{name}.weight", (columns, rows), noise(rows, columns, first)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        yield f"{name}.weight", (WIDTH,), [1.0] * WIDTH


def model():
    tokens = vocabulary()
    pairs = metadata(tokens)
    infos, data = [], b""
    for name, shape, numbers in weights(tokens):
        dimensions = b"".join(struct.pack("<Q", size) for size in shape)
        head = text(name) + struct.pack("<I", len(shape)) + dimensions
        infos.append(head + struct.pack("<IQ", 0, len(data)))
        data += struct.pack(f"<{len(numbers)}f", *numbers)
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(pairs))
    head += b"".join(pairs) + b"".join(infos)
    return head + bytes(-len(head) % 32) + data


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.gguf"
        path.write_bytes(model())
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = CONTEXT
        params.n_parallel = 1
        params.warmup = False
        params.cpuparams.n_threads = 1
        params.port = 0
        server = xllamacpp.Server(params)
        print(server.listening_address, flush=True)
        sys.stdin.read()


main()
