package fathom.data;

/// How two samples are mixed.
interface Mixing {
    /// What is drawn for one sample.
    Cut draw(Draws draws);

    /// How much of a sample, and which part of it, stays.
    interface Cut {
        /// The part of the sample that stays, from 0 to 1.
        double kept();

        /// Mixes the values of inputs.
        ///
        /// @param own receives the result
        void mix(float[] own, float[] other, int from, int width);

        /// Adds up both, each as much as there is of it.
        default void blend(float[] own, float[] other, int from, int width) {
            float part = (float) kept();
            for (int i = from; i < from + width; i++) {
                own[i] = part * own[i] + (1 - part) * other[i];
            }
        }
    }

    /// The sum of both, of which a beta distribution gives the parts. H. Zhang, M. Cisse, Y. N.
    /// Dauphin, D. Lopez-Paz: *mixup: beyond empirical risk minimization* (2018).
    record Mixup(double alpha) implements Mixing {
        @Override
        public Cut draw(Draws draws) {
            return new Sum(draws.beta(alpha));
        }

        private record Sum(double kept) implements Cut {
            @Override
            public void mix(float[] own, float[] other, int from, int width) {
                blend(own, other, from, width);
            }
        }
    }

    /// A rectangle of the other picture in the own one; what stays of that is its part. S. Yun et
    /// al.: *CutMix: regularization strategy to train strong classifiers with localizable features*
    /// (2019).
    record CutMix(double alpha, int height, int width, int channels) implements Mixing {
        @Override
        public Cut draw(Draws draws) {
            double side = Math.sqrt(1 - draws.beta(alpha));
            int row = draws.below(height);
            int column = draws.below(width);
            int halfHeight = (int) (height * side / 2);
            int halfWidth = (int) (width * side / 2);
            return new Rectangle(
                    Math.max(0, row - halfHeight),
                    Math.min(height, row + halfHeight),
                    Math.max(0, column - halfWidth),
                    Math.min(width, column + halfWidth));
        }

        private final class Rectangle implements Cut {
            private final int top;
            private final int bottom;
            private final int left;
            private final int right;

            Rectangle(int top, int bottom, int left, int right) {
                this.top = top;
                this.bottom = bottom;
                this.left = left;
                this.right = right;
            }

            @Override
            public double kept() {
                return 1 - (bottom - top) * (right - left) / (double) (height * width);
            }

            @Override
            public void mix(float[] own, float[] other, int from, int all) {
                for (int row = top; row < bottom; row++) {
                    int start = from + (row * width + left) * channels;
                    System.arraycopy(other, start, own, start, (right - left) * channels);
                }
            }
        }
    }
}
