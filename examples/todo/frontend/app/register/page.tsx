import Link from "next/link";

import { CredentialsForm } from "@/components/credentials-form";

export default function Page() {
  return (
    <>
      <CredentialsForm action="register" button="Create account" />
      <p className="aside">
        Registered already? <Link href="/login">Go to login</Link>
      </p>
    </>
  );
}
