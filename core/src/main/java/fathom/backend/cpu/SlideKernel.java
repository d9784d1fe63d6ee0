package fathom.backend.cpu;

/// A row of windows of a depthwise convolution, some vectors of channels of some pixels at a time: windows that lie
/// side by side see the same pixels, so each is read once for all of them. Implementations are emitted by
/// [SlideEmitter] for a width of windows, a stride, a dilation and a number of pixels.
interface SlideKernel {
    /// Writes a sum for each pixel `p` below `pixels` and each channel `c` from `from` to `to - 1`, to
    /// `y[yo + p * channels + c]`. Its terms are the taps `k` of the rows `t` below `count`, in order of t and then
    /// of k: the weight `w[taps[t] + k * tapStep + c]` times pixel `q = p * stride + k * dilation` of row t of x.
    /// There the pixels of each phase `q % stride` are adjacent, so that pixel is
    /// `x[rows[t] + q % stride * phase + q / stride * channels + c]`.
    ///
    /// @param pixels at least as many as are worked on at a time
    /// @param from of as many channels from there to `to` as whole vectors have
    void run(
            Object x,
            int[] rows,
            int phase,
            Object w,
            int[] taps,
            int tapStep,
            int count,
            Object y,
            int yo,
            int pixels,
            int channels,
            int from,
            int to);
}
