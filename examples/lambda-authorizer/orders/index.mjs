// What a partner ordered. The authorizer has told who calls.

export async function handler(event) {
  const partner = event.requestContext.authorizer.partner;
  const body = { partner, orders: [] };
  return {
    statusCode: event.httpMethod === "POST" ? 201 : 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}
