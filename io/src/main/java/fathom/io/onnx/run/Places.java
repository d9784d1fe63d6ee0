package fathom.io.onnx.run;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The places that the names of a graph have, while a [Plan] is made of it. Names that are not its own
/// are those of the graph around it, as far as they are known when it is used.
final class Places {
    private final @Nullable Places outer;
    private final Map<String, Integer> places = new HashMap<>();
    private final Set<String> defined = new HashSet<>();
    private final List<Plan.Capture> captures = new ArrayList<>();
    private int count;

    Places(@Nullable Places outer) {
        this.outer = outer;
    }

    int count() {
        return count;
    }

    List<Plan.Capture> captures() {
        return List.copyOf(captures);
    }

    /// A place for a new name.
    ///
    /// @param who whose it is, for errors
    int define(String name, String who) {
        Require.that(defined.add(name), "%s gives '%s', a name that is taken", who, name);
        places.put(name, count);
        return count++;
    }

    /// The place of an initialiser: that of the input of the same name, whose default it then is.
    int defineOrInput(String name) {
        Integer input = places.get(name);
        return input == null ? define(name, "an initialiser") : input;
    }

    /// The place of a name that is known.
    ///
    /// @param who who asks for it, for errors
    int find(String name, String who) {
        Integer place = lookUp(name);
        if (place == null) {
            throw new IllegalArgumentException("%s reads '%s', which nothing before it gives".formatted(who, name));
        }
        return place;
    }

    private @Nullable Integer lookUp(String name) {
        Integer own = places.get(name);
        if (own != null || outer == null) {
            return own;
        }
        Integer theirs = outer.lookUp(name);
        if (theirs != null) {
            captures.add(new Plan.Capture(theirs, count));
            places.put(name, count);
            return count++;
        }
        return null;
    }
}
