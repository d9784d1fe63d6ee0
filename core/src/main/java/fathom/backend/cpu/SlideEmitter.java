package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [SlideKernel]s.
///
/// The pixels of x are taken from left to right and each is multiplied into all sums that it is part of, so each
/// sum meets its taps in their order.
record SlideEmitter(Lanes lanes, Slide slide) {
    // Parameters.
    private static final int ROWS = 2;
    private static final int PHASE = 3;
    private static final int TAPS = 5;
    private static final int TAP_STEP = 6;
    private static final int COUNT = 7;
    private static final int YO = 9;
    private static final int PIXELS = 10;
    private static final int CHANNELS = 11;
    private static final int FROM = 12;
    private static final int TO = 13;

    static SlideKernel emit(Lanes lanes, Slide slide) {
        String name = "Slide%sOf%dBy%dStep%dDilated%d"
                .formatted(lanes.title(), slide.pixels(), slide.taps(), slide.stride(), slide.dilation());
        SlideEmitter emitter = new SlideEmitter(lanes, slide);
        return KernelClasses.instantiate(name, SlideKernel.class, Map.of("run", emitter::run));
    }

    private void run(CodeBuilder code) {
        int x = lanes.array(code, 1);
        int w = lanes.array(code, 4);
        int y = lanes.array(code, 8);
        int next = code.allocateLocal(TypeKind.INT);
        int start = code.allocateLocal(TypeKind.INT);
        int channel = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(next);
        KernelClasses.loopBelow(code, next, PIXELS, () -> {
            // The last ones begin earlier: some pixels are computed twice.
            code.iload(next).iload(PIXELS).loadConstant(slide.pixels()).isub();
            KernelClasses.min(code);
            code.iload(CHANNELS).imul().istore(start);
            code.iload(FROM).istore(channel);
            KernelClasses.loopBelow(code, channel, TO, () -> {
                pixels(code, x, w, y, start, channel);
                code.iinc(channel, lanes.count());
            });
            code.iinc(next, slide.pixels());
        });
    }

    /// One vector of channels of so many pixels.
    private void pixels(CodeBuilder code, int x, int w, int y, int start, int channel) {
        int[] sums = new int[slide.pixels()];
        for (int p = 0; p < sums.length; p++) {
            sums[p] = lanes.local(code);
            lanes.constant(code, 0);
            lanes.set(code, sums[p]);
        }
        int at = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, COUNT, t -> {
            code.aload(TAPS).iload(t).iaload().iload(channel).iadd().istore(at);
            int[] weights = new int[slide.taps()];
            for (int k = 0; k < weights.length; k++) {
                lanes.load(code, w, at, 0);
                weights[k] = lanes.local(code);
                lanes.set(code, weights[k]);
                code.iload(at).iload(TAP_STEP).iadd().istore(at);
            }
            code.aload(ROWS)
                    .iload(t)
                    .iaload()
                    .iload(start)
                    .iadd()
                    .iload(channel)
                    .iadd();
            code.istore(at);
            addRow(code, x, at, weights, sums);
        });
        code.iload(YO).iload(start).iadd().iload(channel).iadd().istore(at);
        for (int sum : sums) {
            lanes.store(code, sum, y, at, 0);
            code.iload(at).iload(CHANNELS).iadd().istore(at);
        }
    }

    /// Adds what the windows have in a row of x.
    private void addRow(CodeBuilder code, int x, int at, int[] weights, int[] sums) {
        int index = code.allocateLocal(TypeKind.INT);
        int pixel = lanes.local(code);
        int seen = (sums.length - 1) * slide.stride() + (weights.length - 1) * slide.dilation() + 1;
        for (int q = 0; q < seen; q++) {
            boolean isRead = false;
            for (int p = 0; p < sums.length; p++) {
                int ahead = q - p * slide.stride();
                int k = ahead / slide.dilation();
                if (ahead < 0 || ahead % slide.dilation() != 0 || k >= weights.length) {
                    continue;
                }
                if (!isRead) {
                    locate(code, at, q, index);
                    lanes.load(code, x, index, 0);
                    lanes.set(code, pixel);
                    isRead = true;
                }
                lanes.get(code, pixel);
                lanes.get(code, weights[k]);
                lanes.get(code, sums[p]);
                lanes.fma(code);
                lanes.set(code, sums[p]);
            }
            if (isRead) {
                KernelClasses.keepOrder(code);
            }
        }
    }

    /// `index = at + q % stride * phase + q / stride * channels`
    private void locate(CodeBuilder code, int at, int q, int index) {
        code.iload(at);
        code.loadConstant(q % slide.stride()).iload(PHASE).imul().iadd();
        code.loadConstant(q / slide.stride()).iload(CHANNELS).imul().iadd();
        code.istore(index);
    }
}
