package fathom.nn.train;

/// Stops a training when its time is up.
final class TimeBudget implements Callback {
    private final Trainer trainer;
    private final long nanos;
    private long end;

    TimeBudget(Trainer trainer, long nanos) {
        this.trainer = trainer;
        this.nanos = nanos;
    }

    @Override
    public void started(Plan plan) {
        end = System.nanoTime() + nanos;
    }

    @Override
    public void step(StepResult result) {
        if (System.nanoTime() - end >= 0) {
            trainer.stop();
        }
    }
}
