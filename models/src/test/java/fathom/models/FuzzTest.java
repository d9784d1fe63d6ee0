package fathom.models;

import fathom.data.text.PretrainedTokenizer;
import fathom.io.Gguf;
import fathom.testing.Fuzz;
import fathom.testing.GgufBytes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files whose parts are read in several rooms: see [Fuzz].
class FuzzTest {
    @TempDir
    private Path folder;

    private static GgufBytes head(String model, int values, List<String> tokens) {
        return new GgufBytes()
                .head(3, 0, values)
                .key("tokenizer.ggml.model", 8)
                .text(model)
                .texts("tokenizer.ggml.tokens", tokens);
    }

    @Test
    void tokenizersInGguf() {
        GgufBytes pieces = head("llama", 7, List.of("<unk>", "<s>", "<0x41>", "<x>", "▁", "t", "h", "▁t", "th"))
                .key("tokenizer.ggml.bos_token_id", 4)
                .u32(1)
                .key("tokenizer.ggml.add_space_prefix", 7)
                .bytes((byte) 1)
                .key("tokenizer.ggml.add_eos_token", 7)
                .bytes((byte) 0)
                .key("tokenizer.ggml.scores", 9)
                .u32(6)
                .u64(9)
                .f32(0, 0, 0, 0, -1, -2, -3, -4, -5)
                .key("tokenizer.ggml.token_type", 9)
                .u32(5)
                .u64(9);
        for (int type : new int[] {2, 3, 6, 4, 1, 1, 1, 1, 1}) {
            pieces.u32(type);
        }
        GgufBytes pairs = head("gpt2", 4, List.of("a", "b", "ab", "t", "h", "th", "<|endoftext|>"))
                .texts("tokenizer.ggml.merges", List.of("a b", "t h"))
                .key("tokenizer.ggml.pre", 8)
                .text("llama-bpe");
        Fuzz.of("gguf-tokenizer", folder.resolve("model.gguf"), f -> {
                    PretrainedTokenizer tokenizer = PretrainedTokenizer.gguf(
                            f.toString(), Gguf.open(f).configuration().values());
                    try {
                        tokenizer.decode(
                                tokenizer.encoding("the ab A<x> 12 <s>").ids());
                    } catch (IllegalArgumentException e) {
                        if (e.getClass() != IllegalArgumentException.class) {
                            throw e;
                        }
                        // What cannot be done with a text need not name the file.
                        throw new IllegalArgumentException(f + ": " + e.getMessage(), e);
                    }
                })
                .seed(pieces.toBytes())
                .seed(pairs.toBytes())
                .run();
    }
}
