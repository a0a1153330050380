// Read at run time, so that one build can serve under any release name.
export const dynamic = "force-dynamic";

export function GET() {
  return Response.json(
    { status: "ok", release: process.env.APP_RELEASE ?? null },
    { headers: { "Cache-Control": "no-store" } },
  );
}
