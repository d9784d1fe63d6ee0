package fathom.nn.train;

/// The loss became NaN or infinite, or a weight that was to be saved. Checkpoints from before stay as they
/// are.
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

    private DivergedException(String message, long step, double loss) {
        super(message);
        this.step = step;
        this.loss = loss;
        this.lastFiniteLoss = loss;
    }

    /// A step from a finite loss led to a weight that is not.
    static DivergedException ofWeight(String path, long step, double loss, double learningRate) {
        String message = "the weight %s became NaN or infinite at step %s, or shortly before, with a loss of %s."
                + " Try a learning rate below %s, or clip the gradients";
        return new DivergedException(message.formatted(path, step, loss, learningRate), step, loss);
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
