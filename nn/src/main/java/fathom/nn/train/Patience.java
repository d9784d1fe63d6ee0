package fathom.nn.train;

import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keeps watch for [EarlyStopping].
final class Patience {
    static final String BEST = "best.";
    static final String RESTORED = "patience.restored";

    private final @Nullable EarlyStopping rule;
    private final Module model;
    private double best = Double.NaN;
    private int waited;
    private boolean restored;
    private Map<String, Tensor> bestState = Map.of();

    Patience(@Nullable EarlyStopping rule, Module model) {
        this.rule = rule;
        this.model = model;
    }

    void observe(EpochResult epoch) {
        if (rule == null) {
            return;
        }
        Watch watch = rule.watch();
        double value = watch.value(epoch);
        if (watch.isBetter(value, best)) {
            best = value;
            waited = 0;
            if (rule.restoreBest()) {
                bestState = Modules.state(model);
            }
        } else {
            waited++;
        }
    }

    boolean isExhausted() {
        return rule != null && waited >= rule.patience();
    }

    /// Gives the model its best weights back, if that is wanted; whether it did.
    boolean restore() {
        if (bestState.isEmpty()) {
            return false;
        }
        Modules.load(model, bestState);
        restored = true;
        return true;
    }

    void write(Map<String, Tensor> tensors, Map<String, String> metadata) {
        if (rule != null) {
            metadata.put("patience.best", Double.toString(best));
            metadata.put("patience.waited", Integer.toString(waited));
            bestState.forEach((name, t) -> tensors.put(BEST + name, t));
            if (restored) {
                metadata.put(RESTORED, "true");
            }
        }
    }

    void read(Checkpoint checkpoint, Metadata metadata) {
        if (rule != null && checkpoint.metadata().containsKey("patience.best")) {
            best = metadata.number("patience.best");
            waited = metadata.small("patience.waited");
            bestState = checkpoint.under(BEST);
        }
    }
}
