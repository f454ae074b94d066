"""llama.cpp's server with a model of random weights, for the tests of --llm.

Usage: llama.py MODEL, with xllamacpp and gguf in the module path; prints the port.

The model has a token for every byte and says nothing that means anything, but the server is a real one:
its streams, its counts of tokens, its cache of prefixes and its limits are not made up by this project.
"""
import os
import socket
import sys
import time

# Enough for a prompt of some hundred thousand bytes.
CONTEXT = 1 << 17
WIDTH, LAYERS, HEADS, INNER = 64, 2, 4, 128
# The token that ends an answer.
END = 2


def write_model(path):
    """Writes a model of the llama architecture, half a megabyte, the same each time."""
    import gguf
    import numpy
    random = numpy.random.default_rng(0)
    tokens = ([b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % byte for byte in range(256)]
              + ["\u2581".encode()] + [bytes([byte]) for byte in range(33, 127)])
    kinds = ([gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.BYTE] * 256
             + [gguf.TokenType.NORMAL] * 95)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(0)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(0)
    writer.add_chat_template(
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:")

    def weights(*shape):
        return (random.standard_normal(shape) * 0.1).astype(numpy.float32)

    def add(name, *shape):
        writer.add_tensor(name, weights(*shape))

    def add_ones(name):
        writer.add_tensor(name, numpy.ones(WIDTH, numpy.float32))

    # One number of the state is large whatever was read, and speaks against the end: answers never end by
    # themselves, so that they are cut off at a length that is known.
    embeddings, output = weights(len(tokens), WIDTH), weights(len(tokens), WIDTH)
    embeddings[:, 0] = 5
    output[END, 0] = -4
    writer.add_tensor("token_embd.weight", embeddings)
    add_ones("output_norm.weight")
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add_ones(block + "attn_norm.weight")
        add_ones(block + "ffn_norm.weight")
        for part in ("q", "k", "v", "output"):
            add(f"{block}attn_{part}.weight", WIDTH, WIDTH)
        add(block + "ffn_gate.weight", INNER, WIDTH)
        add(block + "ffn_up.weight", INNER, WIDTH)
        add(block + "ffn_down.weight", WIDTH, INNER)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(path):
    """Serves until the process is killed; prints the port once it listens."""
    import xllamacpp
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = xllamacpp.CommonParams()
    settings.model.path = path
    settings.n_ctx = CONTEXT
    settings.n_parallel = 1
    settings.warmup = False
    settings.port = port
    server = xllamacpp.Server(settings)
    print(port, flush=True)
    while os.getppid() != 1:
        time.sleep(1)
    del server


if __name__ == "__main__":
    if not os.path.exists(sys.argv[1]):
        write_model(sys.argv[1])
    serve(sys.argv[1])
