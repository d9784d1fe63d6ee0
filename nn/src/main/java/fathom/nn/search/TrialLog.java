package fathom.nn.search;

import java.util.ArrayList;
import java.util.List;

/// Where trials are kept, so that a search that was interrupted goes on with those that are left.
public interface TrialLog {
    /// The trials kept so far, in the order in which they were added.
    List<Trial> trials();

    /// Keeps a trial. When this returns, it outlasts the process if the log does.
    void add(Trial trial);

    /// A log in memory.
    static TrialLog inMemory() {
        List<Trial> kept = new ArrayList<>();
        return new TrialLog() {
            @Override
            public List<Trial> trials() {
                return List.copyOf(kept);
            }

            @Override
            public void add(Trial trial) {
                kept.add(trial);
            }
        };
    }
}
