package fathom.nn.train;

/// The loss became NaN or infinite.
public final class DivergedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final long step;
    private final double loss;
    private final double lastFiniteLoss;

    DivergedException(long step, double loss, double lastFiniteLoss, double learningRate) {
        super("the loss became "
                + loss
                + " at step "
                + step
                + (Double.isNaN(lastFiniteLoss)
                        ? ", the first one: check the inputs for NaN and infinite values," + " and their scale"
                        : "; the last finite one was "
                                + lastFiniteLoss
                                + ". Try a learning rate below "
                                + learningRate
                                + ", clip the gradients, or check the inputs for NaN and"
                                + " infinite values"));
        this.step = step;
        this.loss = loss;
        this.lastFiniteLoss = lastFiniteLoss;
    }

    /// The step at which it happened, from 1.
    public long step() {
        return step;
    }

    /// The loss at that step.
    public double loss() {
        return loss;
    }

    /// The loss of the step before, NaN if there was none.
    public double lastFiniteLoss() {
        return lastFiniteLoss;
    }
}
