//! The colours and patterns of a timeline's picture.

/// Work is solid, a sleep that stands for work is framed, waiting is hatched, and to be ready
/// without running is a dotted frame, so that they differ without colour, too. The shades tell
/// kinds of work apart where a part of a picture is drawn larger.
pub(crate) const STYLE: &str = "
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px; stroke: #ffffff; stroke-width: 4; paint-order: stroke }
  .title .faint { font-weight: 400 }
  .faint { fill: #59636e }
  .name { fill: #59636e; font-size: 13px }
  .paper { fill: #ffffff }
  .track { fill: #f3f4f6 }
  .grid { stroke: #d1d9e0 }
  .work { fill: #0a5fc2 }
  .act { fill: #b6d7ff; stroke: #0a5fc2; stroke-width: 1 }
  .wait { fill: url(#hatch); stroke: #b26a00; stroke-width: 0.6 }
  .ready { fill: #ffffff; stroke: #59636e; stroke-width: 1; stroke-dasharray: 2 3 }
  .stripe { stroke: #b26a00 }
  .gap { fill: #fff6e6 }
  .lost { fill: #fbdcdc; stroke: #b3261e; stroke-width: 1.5 }
  .shade1 { fill: #56b4e9 }
  .shade2 { fill: #00785a }
  .shade3 { fill: #cc79a7 }
  .on { fill: #ffffff; font-size: 12px; pointer-events: none }
  .in { font-size: 12px; pointer-events: none }
  .dark { fill: #1f2328; font-size: 12px; pointer-events: none }
  .over { font-size: 12px; pointer-events: none; stroke: #fff6e6; stroke-width: 5; paint-order: stroke }
  .halo { fill: none; stroke: #ffffff; stroke-width: 6; pointer-events: none }
  .arrow { fill: none; stroke: #1f2328; stroke-width: 2; pointer-events: none }
  .head { fill: #1f2328; stroke: #ffffff; stroke-width: 1; pointer-events: none }
  .tip { fill: #1f2328; pointer-events: none }
  .told { fill: #ffffff; font-size: 12px; pointer-events: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .title { stroke: #0d1117 }
    .faint { fill: #9198a1 }
    .name { fill: #9198a1 }
    .paper { fill: #0d1117 }
    .track { fill: #1b222c }
    .grid { stroke: #3d444d }
    .work { fill: #58a6ff }
    .act { fill: #12365f; stroke: #58a6ff }
    .wait { stroke: #e3a43b }
    .ready { fill: #0d1117; stroke: #9198a1 }
    .stripe { stroke: #e3a43b }
    .gap { fill: #30240f }
    .lost { fill: #3b1a1a; stroke: #ff8a80 }
    .shade1 { fill: #b6d7ff }
    .shade2 { fill: #3fb68b }
    .shade3 { fill: #e3a0c6 }
    .on { fill: #0d1117 }
    .dark { fill: #0d1117 }
    .over { stroke: #30240f }
    .halo { stroke: #0d1117 }
    .arrow { stroke: #e6edf3 }
    .head { fill: #e6edf3; stroke: #0d1117 }
    .tip { fill: #e6edf3 }
    .told { fill: #0d1117 }
  }
";

/// Makes a picture live where scripts run. It is complete without it.
pub(crate) const SCRIPT: &str = include_str!("timelines.js");
