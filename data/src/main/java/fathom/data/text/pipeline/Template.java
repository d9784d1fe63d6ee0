package fathom.data.text.pipeline;

import java.util.List;

/// What a model wants around a text, or around two.
///
/// @param single for one text
/// @param pair for two
record Template(List<Slot> single, List<Slot> pair) {
    Template {
        single = List.copyOf(single);
        pair = List.copyOf(pair);
    }

    /// A place in a template.
    sealed interface Slot {
        /// What kind of token the model is told that these are.
        int type();
    }

    /// The tokens of a text.
    ///
    /// @param second whether it is the second one
    record Text(boolean second, int type) implements Slot {}

    /// Tokens that the model wants.
    record Special(List<Integer> ids, int type) implements Slot {}

    /// Nothing around texts, of which the second is of type 1.
    static Template plain() {
        return new Template(List.of(new Text(false, 0)), List.of(new Text(false, 0), new Text(true, 1)));
    }

    /// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, of which the last two are of type 1.
    static Template bert(int start, int separator) {
        Special end = new Special(List.of(separator), 0);
        Special first = new Special(List.of(start), 0);
        return new Template(
                List.of(first, new Text(false, 0), end),
                List.of(first, new Text(false, 0), end, new Text(true, 1), new Special(List.of(separator), 1)));
    }

    /// `<s> A </s>` and `<s> A </s></s> B </s>`, all of type 0.
    static Template roberta(int start, int separator) {
        Special end = new Special(List.of(separator), 0);
        Special first = new Special(List.of(start), 0);
        return new Template(
                List.of(first, new Text(false, 0), end),
                List.of(first, new Text(false, 0), end, end, new Text(true, 0), end));
    }

    List<Slot> slots(boolean isPair) {
        return isPair ? pair : single;
    }

    /// How many tokens it adds.
    int added(boolean isPair) {
        return slots(isPair).stream()
                .mapToInt(
                        slot -> slot instanceof Special special ? special.ids().size() : 0)
                .sum();
    }
}
