using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Advisory.Engine;
using Advisory.Host.Service;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.Features;

namespace Advisory.Host.Web;

/// <summary>Renders components to whole pages, and reads the forms that come back.</summary>
internal sealed class Pages(IServiceProvider services, ILoggerFactory loggers, IAntiforgery antiforgery, Office office)
{
    public const string Html = "text/html; charset=utf-8";

    // A part of an assessment has at most a few hundred fields; a scenario file has its own limit.
    private const int MaxFields = 4_096;
    private const int MaxFormBytes = 2 * Scenario.MaxBytes;
    private const string Policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

    public Office Office { get; } = office;

    /// <summary>What pages need of the framework: form tokens that outlive a restart, and text that is encoded no more than it must be.</summary>
    public static void Add(IServiceCollection services, Settings settings)
    {
        var keys = Directory.CreateDirectory(System.IO.Path.Combine(settings.Data, "form-keys"));
        if (!OperatingSystem.IsWindows()) keys.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        services.AddDataProtection().SetApplicationName("advisory").PersistKeysToFileSystem(keys);
        services.AddAntiforgery(options =>
        {
            (options.Cookie.Name, options.Cookie.SameSite, options.Cookie.HttpOnly) = ("advisory_form", SameSiteMode.Strict, true);
            options.Cookie.SecurePolicy = settings.IsBehindTlsProxy ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            (options.FormFieldName, options.HeaderName, options.SuppressXFrameOptionsHeader) = ("_form", null, true);
        });
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        services.AddSingleton<Pages>().AddSingleton(provider => new Drafts(settings.Data, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SignIn>().AddSingleton<AssessPages>().AddSingleton<BesidePages>().AddSingleton<DecisionPages>().AddSingleton<BookPages>().AddSingleton<StatusPages>();
    }

    public static void Map(WebApplication application)
    {
        AssetFiles.Map(application);
        application.Services.GetRequiredService<SignIn>().Map(application);
        application.Services.GetRequiredService<AssessPages>().Map(application);
        application.Services.GetRequiredService<BesidePages>().Map(application);
        application.Services.GetRequiredService<DecisionPages>().Map(application);
        application.Services.GetRequiredService<BookPages>().Map(application);
        application.Services.GetRequiredService<StatusPages>().Map(application);
    }

    /// <summary>Answers with a page; rendered whole before its first byte leaves.</summary>
    public async Task Show<TPage>(HttpContext context, int status, params (string Name, object? Value)[] parameters) where TPage : IComponent =>
        await Answer(context, status, await Render<TPage>(context, parameters));

    public static Task Answer(HttpContext context, int status, ReadOnlyMemory<byte> page)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return Packed.Send(context, status, Html, page);
    }

    /// <summary>Answers with a page that stands alone: its styles are in it, and it fetches nothing.</summary>
    public static Task AnswerAlone(HttpContext context, ReadOnlyMemory<byte> page)
    {
        context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src {AssetFiles.StylesInPolicy}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        return Packed.Send(context, 200, Html, page);
    }

    /// <summary>The bytes of a page.</summary>
    public async Task<byte[]> Render<TPage>(HttpContext context, params (string Name, object? Value)[] parameters) where TPage : IComponent
    {
        var all = parameters.Append(("Visit", Visit.Of(context))).ToDictionary(parameter => parameter.Item1, parameter => parameter.Item2, StringComparer.Ordinal);
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(all));
            using var memory = new MemoryStream(32 << 10);
            using (var text = new StreamWriter(memory, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 8 << 10, leaveOpen: true)) root.WriteHtmlTo(text);
            return memory.ToArray();
        });
    }

    /// <summary>The form of a request, once it is known to come from a page of ours in this session.</summary>
    /// <exception cref="ProblemException">It is none, is too large, or comes from elsewhere.</exception>
    public async Task<IFormCollection> Form(HttpContext context)
    {
        _ = Visit.Of(context); // so that the token is held against the session
        var form = await Fields(context);
        try
        {
            await antiforgery.ValidateRequestAsync(context);
            return form;
        }
        catch (AntiforgeryValidationException)
        {
            throw Visit.Of(context).Refuse(400, "stale-form");
        }
    }

    /// <summary>What a form holds, wherever it comes from.</summary>
    /// <exception cref="ProblemException">It is none, or is too large.</exception>
    public static async Task<IFormCollection> Fields(HttpContext context)
    {
        if (context.Features.Get<IFormFeature>()?.Form is { } read) return read; // a body is read once
        if (!context.Request.HasFormContentType) throw new ProblemException(415, "media-type", "a form is expected");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxFormBytes;
        try
        {
            context.Features.Set<IFormFeature>(new FormFeature(context.Request, new FormOptions
            {
                ValueCountLimit = MaxFields,
                KeyLengthLimit = 300,
                ValueLengthLimit = Scenario.MaxBytes,
                MultipartBodyLengthLimit = MaxFormBytes,
                MemoryBufferThreshold = MaxFormBytes,
            }));
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException fault)
        {
            throw new ProblemException(413, "too-large", "the form is too large or has too many fields: " + fault.Message);
        }
        catch (IOException fault)
        {
            throw Body.Broken(fault);
        }
    }

    /// <summary>After a form: the page to look at, by a request of its own, so that reloading sends nothing twice.</summary>
    public static void SeeOther(HttpContext context, string address)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
    }
}
