//! The end of the page: what the words on it mean, and a warning.

pub(super) fn write(out: &mut String) {
    out.push_str(concat!(
        "<footer>\n<details><summary>What the words mean</summary>\n<dl>\n",
        "<dt>in trouble</dt><dd>one of this name gave up and none was started since; or one \
         failed and no run was healthy since; or it is late</dd>\n",
        "<dt>waiting</dt><dd>for its next start, after a failure</dd>\n",
        "<dt>scheduled</dt><dd>for its next start, after a success</dd>\n",
        "<dt>late</dt><dd>three of its periods have passed since it last succeeded</dd>\n",
        "<dt>gave up</dt><dd>failed, and will not be restarted</dd>\n",
        "<dt>ended</dt><dd>returned, or was stopped</dd>\n",
        "<dt>runs</dt><dd>that began: those that run, and all that ended</dd>\n",
        "<dt>restarts</dt><dd>runs that followed another of the same worker; the ticks of a \
         periodic one count only after a failure</dd>\n",
        "<dt>panics</dt><dd>in runs and in the clean-up after them</dd>\n",
        "<dt>critical</dt><dd>when it ends, its supervisor shuts down</dd>\n",
        "<dt>requests</dt><dd>handled by a layer around a service: only panics are counted</dd>\n",
        "<dt>task</dt><dd>spawned, and no worker: it is never restarted</dd>\n",
        "</dl></details>\n",
        "<p>Names, places and messages may hold secrets: this page belongs on an admin port that \
         the public can't reach. Nothing on it changes anything. Of several workers that share a \
         name, all are told together. All times are UTC, as of when the page was rendered.</p>\n",
        "<p>supervise ",
        env!("CARGO_PKG_VERSION"),
        "</p>\n</footer>\n",
    ));
}
