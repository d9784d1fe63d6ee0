package fathom.nn.train;

import fathom.tensor.Batch;
import java.util.Iterator;

/// What all loops over batches share.
final class Loop {
    private Loop() {}

    /// Tells a loader that holds threads or files that no more will be read.
    static void close(Iterator<Batch> iterator) {
        if (iterator instanceof AutoCloseable c) {
            try {
                c.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("closing the batches: " + e.getMessage(), e);
            }
        }
    }
}
