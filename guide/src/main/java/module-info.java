import org.jspecify.annotations.NullMarked;

/// The guide: a course of runnable chapters, and what their programs use beside the library.
@NullMarked
@SuppressWarnings("module") // The command is built after this module.
module fathom.guide {
    requires transitive fathom.core;
    requires transitive fathom.data;
    requires transitive fathom.io;
    requires transitive fathom.nn;
    requires com.fasterxml.jackson.core;
    requires java.management;
    requires org.commonmark;
    requires org.commonmark.ext.gfm.tables;
    // For programs of chapters, which compare with the classical methods of Smile; that would log.
    requires org.slf4j;
    requires smile.core;
    requires smile.data;
    requires smile.math;
    requires static org.jspecify;

    exports fathom.guide;
    exports fathom.guide.book to
            fathom.cli;
    exports fathom.guide.site to
            fathom.cli;
    exports fathom.guide.notebook to
            fathom.cli;
}
