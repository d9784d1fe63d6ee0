package fathom.data;

import fathom.tensor.RandomStream;
import java.util.Arrays;

/// Which of a data set's members an epoch reads, and in which order.
sealed interface Order {
    /// The members that an epoch reads, not to be changed.
    int[] of(int[] members, int epoch);

    /// How many members an epoch reads.
    int size(int[] members);

    /// One after the other.
    record AsGiven() implements Order {
        @Override
        public int[] of(int[] members, int epoch) {
            return members;
        }

        @Override
        public int size(int[] members) {
            return members.length;
        }
    }

    /// Each once, in an order drawn from the seed and the epoch.
    record Shuffled(long seed) implements Order {
        @Override
        public int[] of(int[] members, int epoch) {
            int[] order = RandomStream.of(seed).split("epoch " + epoch).shuffled(members.length);
            for (int i = 0; i < order.length; i++) {
                order[i] = members[order[i]];
            }
            return order;
        }

        @Override
        public int size(int[] members) {
            return members.length;
        }
    }

    /// So many draws with replacement, each member as often as its weight says.
    ///
    /// @param cumulative sums of the weights up to and including each member
    record Weighted(double[] cumulative, int count, long seed) implements Order {
        @Override
        public int[] of(int[] members, int epoch) {
            Draws draws = Draws.of(seed, epoch, 0);
            double sum = cumulative[cumulative.length - 1];
            int[] order = new int[count];
            for (int i = 0; i < count; i++) {
                order[i] = members[place(draws.uniform() * sum)];
            }
            return order;
        }

        /// The first member whose cumulative weight is above `at`: never one of weight 0.
        private int place(double at) {
            int found = Arrays.binarySearch(cumulative, Math.nextUp(at));
            int place = found < 0 ? -found - 1 : found;
            while (place > 0 && cumulative[place - 1] > at) {
                place--;
            }
            return place;
        }

        @Override
        public int size(int[] members) {
            return count;
        }
    }
}
