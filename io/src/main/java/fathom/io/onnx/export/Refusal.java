package fathom.io.onnx.export;

/// Something that ONNX has no form for.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
        super(message);
    }
}
