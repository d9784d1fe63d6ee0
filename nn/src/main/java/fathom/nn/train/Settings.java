package fathom.nn.train;

import fathom.nn.PathPattern;
import fathom.nn.optim.Clipping;
import fathom.nn.optim.Minimizer;
import fathom.tensor.Batches;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a training was set up with.
record Settings(
        TrainStep step,
        Minimizer.Blueprint rule,
        Clipping clipping,
        int accumulate,
        List<PathPattern> frozen,
        List<Measure> metrics,
        long seed,
        @Nullable Batches validation,
        List<Callback> callbacks,
        @Nullable EarlyStopping earlyStopping,
        @Nullable ReduceOnPlateau plateau,
        @Nullable CheckpointStore store,
        long everySteps,
        long everyNanos) {}
