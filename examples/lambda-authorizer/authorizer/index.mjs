// Whom API Gateway lets in: the partner whose key the request has. A decision is remembered for the whole
// stage, so the policy names all of it and not just the method that was called.

import { createHash } from "node:crypto";

export async function handler(event) {
  const key = header(event, "x-partner-key");
  const digest = createHash("sha256").update(key).digest("hex");
  const partners = new Map(Object.entries(JSON.parse(process.env.PARTNERS)));
  const partner = partners.get(digest);
  return {
    principalId: partner ?? "nobody",
    context: partner ? { partner } : {},
    policyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: partner ? "Allow" : "Deny",
          Action: "execute-api:Invoke",
          Resource: wholeStage(event.methodArn),
        },
      ],
    },
  };
}

// Header names are the same in any case.
function header(event, name) {
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name);
  return found?.[1] ?? "";
}

// arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH, all of the stage.
function wholeStage(methodArn) {
  return `${methodArn.split("/").slice(0, 2).join("/")}/*`;
}
