package fathom.nn.train;

import java.util.Optional;

/// Where checkpoints are kept.
public interface CheckpointStore {
    /// Keeps a checkpoint. When this fails midway, the one before must still be there.
    void save(Checkpoint checkpoint);

    /// The latest checkpoint, if there is one.
    Optional<Checkpoint> load();
}
