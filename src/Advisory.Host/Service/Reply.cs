using System.Buffers;
using System.Text;
using Advisory.Engine;
using Microsoft.Extensions.ObjectPool;
using Newtonsoft.Json;

namespace Advisory.Host.Service;

/// <summary>A request that is answered with a problem (RFC 9457) instead of what was asked for.</summary>
internal sealed class ProblemException(int status, string code, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>The kind of problem: the end of its type, and a label of the metrics.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong with the body, each at its place.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>Seconds after which it may be worth trying again.</summary>
    public int? RetryAfter { get; init; }

    public static ProblemException NotFound(string detail) => new(404, "not-found", detail);
}

/// <summary>Writes answers.</summary>
internal static class Reply
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly DefaultObjectPool<ArrayBufferWriter<byte>> Buffers = new(new BufferPolicy(), maximumRetained: 64);

    /// <summary>One JSON value; written whole before the first byte leaves, so that a fault on the way is still an error to the caller.</summary>
    public static async Task Json(HttpContext context, int status, Action<JsonWriter> write, string type = "application/json")
    {
        var buffer = Buffers.Get();
        try
        {
            Write(buffer, write);
            await Bytes(context, status, type, buffer.WrittenMemory);
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    /// <summary>One JSON value on a line of its own.</summary>
    public static async Task JsonLine(HttpContext context, Action<JsonWriter> write)
    {
        var buffer = Buffers.Get();
        try
        {
            Write(buffer, write);
            buffer.Write("\n"u8);
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
        finally
        {
            Buffers.Return(buffer);
        }
    }

    private static void Write(IBufferWriter<byte> buffer, Action<JsonWriter> write)
    {
        using var json = new Utf8Writer(buffer);
        write(json);
    }

    public static Task Text(HttpContext context, int status, string type, string text) => Bytes(context, status, type, Utf8.GetBytes(text));

    public static Task Bytes(HttpContext context, int status, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>Names the file that a browser saves the answer in.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">What is not a letter, a digit, a dot or a hyphen becomes a hyphen: no name ends the header or leaves a folder.</param>
    /// <param name="isShown">Whether the browser shows the answer all the same, and the name is for whoever saves it.</param>
    public static void Named(HttpContext context, string name, bool isShown = false) =>
        context.Response.Headers.ContentDisposition = $"{(isShown ? "inline" : "attachment")}; filename=\"{string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '-')).TrimStart('.')}\"";

    public static Task Problem(HttpContext context, ProblemException problem)
    {
        if (problem.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Json(context, problem.Status, json =>
        {
            json.WriteStartObject();
            json.Member("type", "/problems/" + problem.Code);
            json.Member("title", Title(problem.Status));
            json.WritePropertyName("status");
            json.WriteValue(problem.Status);
            json.Member("detail", problem.Message);
            if (problem.Problems.Count > 0)
            {
                json.WritePropertyName("problems");
                Problems(json, problem.Problems);
            }

            json.WriteEndObject();
        }, "application/problem+json");
    }

    public static void Problems(JsonWriter json, IEnumerable<Problem> problems)
    {
        json.WriteStartArray();
        foreach (var problem in problems) Cli.CheckCommand.Json(problem).WriteTo(json);
        json.WriteEndArray();
    }

    public static void Member(this JsonWriter json, string name, string? value)
    {
        json.WritePropertyName(name);
        json.WriteValue(value);
    }

    public static void Member(this JsonWriter json, string name, long value)
    {
        json.WritePropertyName(name);
        json.WriteValue(value);
    }

    public static void Member(this JsonWriter json, string name, bool value)
    {
        json.WritePropertyName(name);
        json.WriteValue(value);
    }

    /// <summary>An answer with its trace can be megabytes; such a buffer is not kept.</summary>
    private sealed class BufferPolicy : PooledObjectPolicy<ArrayBufferWriter<byte>>
    {
        private const int MaxKept = 256 << 10;

        public override ArrayBufferWriter<byte> Create() => new(16 << 10);

        public override bool Return(ArrayBufferWriter<byte> buffer)
        {
            buffer.ResetWrittenCount();
            return buffer.Capacity <= MaxKept;
        }
    }

    private static string Title(int status) => status switch
    {
        400 => "The request is at fault",
        401 => "Who are you?",
        403 => "Not yours to do",
        404 => "Not here",
        405 => "Not in this way",
        408 => "Too slow",
        409 => "It contradicts what is recorded",
        413 => "Too large",
        415 => "Of a kind that is not read here",
        422 => "What was sent cannot be evaluated",
        429 => "Too many requests",
        503 => "Not now",
        _ => "The service failed, and there is no outcome",
    };
}

/// <summary>Reads bodies within bounds of size and time.</summary>
internal static class Body
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The whole body.</summary>
    /// <exception cref="ProblemException">It is too large (413) or comes too slowly (408).</exception>
    public static async Task<ReadOnlyMemory<byte>> Read(HttpContext context, int max)
    {
        if (context.Request.ContentLength > max) throw TooLarge(max);
        using var slow = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        slow.CancelAfter(Patience);
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(max, context.Request.ContentLength ?? 4 << 10) + 1);
        try
        {
            while (true)
            {
                var read = await context.Request.Body.ReadAsync(buffer.GetMemory(1), slow.Token);
                if (read == 0) return buffer.WrittenMemory;
                buffer.Advance(read);
                if (buffer.WrittenCount > max) throw TooLarge(max);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(408, "slow-body", FormattableString.Invariant($"the body did not arrive within {Patience.TotalSeconds} seconds"));
        }
        catch (IOException fault)
        {
            throw Broken(fault);
        }
    }

    /// <summary>A body that is not what its headers or its chunks say of it.</summary>
    /// <param name="fault">Of the connection; a length of a chunk that no number holds is no more than that.</param>
    public static ProblemException Broken(IOException fault) => new((fault as BadHttpRequestException)?.StatusCode ?? 400, "bad-body", fault.Message);

    private static ProblemException TooLarge(int max) => new(413, "too-large", FormattableString.Invariant($"the body is larger than {max} bytes"));
}
