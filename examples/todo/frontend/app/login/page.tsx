import Link from "next/link";

import { CredentialsForm } from "@/components/credentials-form";

export default function Page() {
  return (
    <>
      <CredentialsForm action="login" button="Log in" />
      <p className="aside">
        New here? <Link href="/register">Register</Link>
      </p>
    </>
  );
}
