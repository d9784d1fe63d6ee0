package fathom.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import fathom.ir.Require;
import fathom.models.TextEmbedder;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// LangChain4j's `EmbeddingModel`, computed in the same process and without native code.
///
/// ```java
/// EmbeddingModel model = FathomEmbeddingModel.of(Path.of("all-MiniLM-L6-v2"));
/// Embedding embedding = model.embed("How do I bake bread?").content();
/// ```
///
/// Texts that are longer than the tokeniser's file says are cut off there, as LangChain4j's own models
/// in the process do; [TextEmbedder.Builder] has this and other settings. Several threads may use one
/// model.
public final class FathomEmbeddingModel extends DimensionAwareEmbeddingModel {
    private final String name;
    private final TextEmbedder embedder;

    private FathomEmbeddingModel(String name, TextEmbedder embedder) {
        this.name = name;
        this.embedder = embedder;
    }

    /// Reads a model as published: a folder with `config.json`, weights and tokeniser, one with `model.onnx`
    /// and a tokeniser, or an ONNX file with these beside it. Its name is that of the file or folder.
    ///
    /// @throws IllegalArgumentException if a file is damaged, or has what is not supported
    /// @throws UncheckedIOException if one is not there, or cannot be read
    public static FathomEmbeddingModel of(Path model) {
        return of(String.valueOf(model.toAbsolutePath().normalize().getFileName()), TextEmbedder.load(model));
    }

    /// A model that was read.
    ///
    /// @param name what [#modelName] says
    public static FathomEmbeddingModel of(String name, TextEmbedder embedder) {
        return new FathomEmbeddingModel(name, embedder);
    }

    /// Vectors of length 1, one for each segment. The tokens that are counted are those of the texts, as
    /// far as the model was given them.
    ///
    /// @throws IllegalArgumentException if there are no segments
    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        Require.that(!segments.isEmpty(), "embedAll: no segments, expected at least one");
        TextEmbedder.Embedded embedded =
                embedder.embed(segments.stream().map(TextSegment::text).toList());
        List<Embedding> embeddings =
                Arrays.stream(embedded.vectors()).map(Embedding::from).toList();
        return Response.from(
                embeddings, new TokenUsage(Arrays.stream(embedded.tokens()).sum()));
    }

    @Override
    public String modelName() {
        return name;
    }
}
