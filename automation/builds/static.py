"""Static files: find what a build put out, and write the Caddyfile that serves it."""

from pathlib import Path

USUAL_OUTPUTS = ("dist", "build", "out", "public", ".")
HASHED = ("/assets", "/_next/static", "/static", "/_app/immutable", "/_astro")
"""Where Vite, Next.js, Create React App, SvelteKit and Astro put files that are named by a hash."""

CADDYFILE = """\
{
\tadmin off
\tauto_https off
\tpersist_config off
}

http://:{$PORT} {
\tbind 127.0.0.1
\troot * "%(site)s"
\tencode zstd gzip
\theader -Server

\thandle /.slipway/health {
\t\theader Cache-Control no-store
\t\trespond "ok" 200
\t}

\t# A bundler puts a hash into these names: the content behind one never changes.
\t@hashed {
\t\tpath %(hashed)s
\t\tpath_regexp [.-][A-Za-z0-9_-]{8,}\\.[a-z0-9]+$
\t\texpression `{path}.matches("[.-][A-Za-z0-9_]*[0-9A-Z][A-Za-z0-9_]*[.][a-z0-9]+$")`
\t\tfile
\t}
\thandle @hashed {
\t\theader Cache-Control "public, max-age=31536000, immutable"
\t\tfile_server
\t}

\t# A missing image is missing; a missing page is for the application's own router.
\t@asset path_regexp \\.[A-Za-z0-9]+$
\thandle @asset {
\t\theader Cache-Control "no-cache"
\t\tfile_server
\t}
\thandle {
\t\theader Cache-Control "no-cache"
\t\ttry_files {path} {path}.html {path}/index.html /index.html
\t\tfile_server
\t}
}
"""


def output(work: Path, declared: str | None) -> Path | None:
    """Return the folder of the files to serve: as declared, or the usual one with a page in it."""
    if declared is not None:
        folder = work / declared
        return folder if (folder / "index.html").is_file() else None
    for name in USUAL_OUTPUTS:
        if (work / name / "index.html").is_file():
            return work / name
    return None


def caddyfile(site: Path) -> str:
    """Return the Caddyfile that serves a folder on 127.0.0.1, on the port of `$PORT`."""
    return CADDYFILE % {"site": site, "hashed": " ".join(f"{prefix}/*" for prefix in HASHED)}


def assets(site: Path) -> dict[str, str]:
    """Map the URL prefixes of hashed files to their folders, relative to the site."""
    return {prefix: prefix[1:] for prefix in HASHED if (site / prefix[1:]).is_dir()}
