package fathom.cli.files;

/// What files of ONNX begin with, which have no mark of their own: the version of the format as a field
/// of protocol buffers, and another field.
final class OnnxStart {
    static final int LENGTH = 9;
    private static final int VERSION_FIELD = 8;
    private static final int LATEST_VERSION = 32;

    private OnnxStart() {}

    static boolean isOne(byte[] start) {
        boolean version = start.length == LENGTH
                && start[0] == VERSION_FIELD
                && start[1] > 0
                && start[1] < LATEST_VERSION
                && start[2] != 0;
        // The length of a header of safetensors can look like that.
        boolean safetensors = version && start[LENGTH - 1] == '{' && (start[4] | start[5] | start[6] | start[7]) == 0;
        return version && !safetensors;
    }
}
