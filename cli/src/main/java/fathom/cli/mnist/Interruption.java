package fathom.cli.mnist;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Turns the end of the process (Ctrl-C, a request to terminate) into a request to stop, and holds
/// it up until what was begun is saved.
final class Interruption implements AutoCloseable {
    private static final long MOST_SECONDS = 60;

    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook;

    /// @param stop asks the work to end soon; called on another thread
    Interruption(Runnable stop) {
        hook = new Thread(
                () -> {
                    stop.run();
                    await();
                },
                "fathom-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        try {
            if (!saved.await(MOST_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("fathom: saving took too long and was given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Says that all is saved.
    @Override
    public void close() {
        saved.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, as it was asked to.
        }
    }
}
