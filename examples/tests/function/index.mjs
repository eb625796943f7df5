// Answers every request with what it was and who asked. Put your own code in its place.

export async function handler(event) {
  const claims = event.requestContext?.authorizer?.claims;
  return {
    statusCode: 200,
    headers: {
      "Content-Type": "application/json",
      ...(process.env.ALLOWED_ORIGIN && { "Access-Control-Allow-Origin": process.env.ALLOWED_ORIGIN }),
    },
    body: JSON.stringify({
      method: event.httpMethod,
      path: event.path,
      caller: claims?.email ?? claims?.sub ?? null,
    }),
  };
}
