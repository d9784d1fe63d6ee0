package fathom.data.text.pipeline;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Tokens by their numbers.
final class TokenList {
    private static final int SPARE = 1 << 16;

    private TokenList() {}

    /// Numbers that no token has get one of the form `<none 17>`.
    ///
    /// @param where for errors
    /// @throws IllegalArgumentException if a number is negative, has two tokens, or is far above how
    ///   many tokens there are
    static List<String> of(String where, Map<String, Integer> ids) {
        int greatest = -1;
        for (Map.Entry<String, Integer> token : ids.entrySet()) {
            int id = token.getValue();
            Require.that(id >= 0, "%s: token '%s' has number %s, expected 0 or more", where, token.getKey(), id);
            greatest = Math.max(greatest, id);
        }
        long most = 4L * ids.size() + SPARE;
        Require.that(greatest < most, "%s: a token has number %s, and there are %s", where, greatest, ids.size());
        List<String> tokens = new ArrayList<>(Collections.nCopies(greatest + 1, ""));
        boolean[] there = new boolean[greatest + 1];
        ids.forEach((token, id) -> {
            Require.that(!there[id], "%s: tokens '%s' and '%s' have number %s", where, tokens.get(id), token, id);
            there[id] = true;
            tokens.set(id, token);
        });
        for (int id = 0; id <= greatest; id++) {
            if (!there[id]) {
                tokens.set(id, "<none " + id + ">");
            }
        }
        return Collections.unmodifiableList(tokens);
    }
}
