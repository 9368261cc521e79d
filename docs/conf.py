"""How the documentation becomes a site: `make docs`.

The source is the whole repository, so that links between README.md, CHANGELOG.md and docs/ hold on
the site as they do on GitHub.
"""

project = "synthetic"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md"]
exclude_patterns = [".*", "reports", "fixtures"]
nitpicky = True

myst_heading_anchors = 3  # made as GitHub does
highlight_language = "text"

html_theme = "alabaster"
html_title = "synthetic"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_additional_pages = {"index": "to_docs.html"}  # the root of the site
html_theme_options = {
    "description": "A synthetic monitor for two-party video products",
    "fixed_sidebar": True,
    "page_width": "1180px",
    "sidebar_width": "260px",
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
}
