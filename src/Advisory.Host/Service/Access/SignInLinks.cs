using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Advisory.Host.Service.Access;

/// <summary>Links that open one session each, for the person who can read what the program prints. Not kept over a restart.</summary>
internal sealed class SignInLinks(TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (string Name, Roles Roles, DateTimeOffset Expires)> links = new(StringComparer.Ordinal);

    public string Create(string name, Roles roles)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        links[token] = (name, roles, clock.GetUtcNow() + Lifetime);
        return token;
    }

    /// <summary>The person of a link that nobody used yet; null for any other.</summary>
    public (string Name, Roles Roles)? Redeem(string token) =>
        links.TryRemove(token, out var link) && clock.GetUtcNow() < link.Expires ? (link.Name, link.Roles) : null;
}
