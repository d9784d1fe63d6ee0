package fathom.nn.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Checkpoints in memory.
final class Memory implements CheckpointStore {
    final List<Checkpoint> saved = new ArrayList<>();

    @Override
    public void save(Checkpoint checkpoint) {
        saved.add(checkpoint);
    }

    @Override
    public Optional<Checkpoint> load() {
        return saved.isEmpty() ? Optional.empty() : Optional.of(saved.getLast());
    }
}
