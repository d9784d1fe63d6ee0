package fathom.cli.mnist;

import fathom.cli.UserError;
import fathom.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which model a training left.
public final class SavedModel {
    private SavedModel() {}

    /// The kind of the model in a run folder, finished or not, or in a file of weights.
    ///
    /// @throws UserError if there is none, or it cannot be read
    public static MnistModel kind(Path path) {
        if (Files.isDirectory(path)) {
            return RunFolder.at(path).settings().model();
        }
        try {
            return RunSettings.model(Safetensors.read(path).metadata().getOrDefault("model", ""), path);
        } catch (IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()), e);
        }
    }
}
