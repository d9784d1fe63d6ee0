import org.jspecify.annotations.NullMarked;

/// Embeddings for LangChain4j.
@NullMarked
module fathom.langchain4j {
    requires transitive fathom.models;
    // It has no descriptor, so this is its file's name.
    requires transitive langchain4j.core;
    requires static org.jspecify;

    exports fathom.langchain4j;
}
