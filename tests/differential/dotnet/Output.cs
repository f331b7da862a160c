// What a step shows, in the forms of ../player/output.c.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;

namespace Differential;

static class Output
{
    static readonly Dictionary<string, int> Misuse = new()
    {
        ["ArgumentNull"] = 20001,
        ["Argument"] = 20002,
        ["ArgumentOutOfRange"] = 20003,
        ["InvalidOperation"] = 20004,
        ["ObjectDisposed"] = 20005,
        ["NotSupported"] = 20006,
        ["PlatformNotSupported"] = 20007,
        ["Format"] = 20008,
        ["OperationCanceled"] = 20009,
        ["FileNotFound"] = 20011,
        ["DirectoryNotFound"] = 20012,
    };

    /// The short name of a failure, most particular class first.
    static string NameOf(Exception exception) => exception switch
    {
        ArgumentNullException => "ArgumentNull",
        ArgumentOutOfRangeException => "ArgumentOutOfRange",
        ArgumentException => "Argument",
        ObjectDisposedException => "ObjectDisposed",
        InvalidOperationException => "InvalidOperation",
        PlatformNotSupportedException => "PlatformNotSupported",
        NotSupportedException => "NotSupported",
        FormatException => "Format",
        OperationCanceledException => "OperationCanceled",
        FileNotFoundException => "FileNotFound",
        DirectoryNotFoundException => "DirectoryNotFound",
        _ => exception.GetType().Name,
    };

    public static string Error(Exception exception)
    {
        if (exception is AggregateException { InnerExceptions.Count: 1 } wrapper) exception = wrapper.InnerException;
        // NetworkStream wraps what its socket says. Without that, what is wrong is the state of the socket it is to be made of.
        if (exception.GetType() == typeof(IOException)) exception = exception.InnerException ?? new InvalidOperationException();
        if (exception is TargetInvocationException hidden) exception = hidden.InnerException;
        if (exception is SocketException failure) return Error(failure.SocketErrorCode);
        string name = NameOf(exception);
        return Misuse.TryGetValue(name, out int number) ? $"{name} {number}" : $"{name} ?";
    }

    public static string Error(SocketError error) => error == SocketError.Success ? "ok" : $"{error} {(int)error}";

    public static string Bool(bool value) => value ? " true" : " false";

    /// Up to 40 bytes as text; more as a checksum.
    public static string Bytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 40)
        {
            uint sum = 2166136261;
            foreach (byte each in bytes) sum = unchecked((sum ^ each) * 16777619);
            return $" sum {sum:x8}";
        }
        var text = new StringBuilder(" \"");
        foreach (byte each in bytes)
        {
            if (each >= ' ' && each < 127 && each != '"' && each != '\\') text.Append((char)each);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{each:x2}");
        }
        return text.Append('"').ToString();
    }

    public static string Hex(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 0 ? " -" : " " + Convert.ToHexStringLower(bytes);

    public static string EndPoint(Run run, EndPoint endpoint)
    {
        switch (endpoint)
        {
            case null: return " null";
            case IPEndPoint ip:
                string address = ip.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{ip.Address}]" : ip.Address.ToString();
                return $" {address}:{run.ShowPort(ip.Port)}";
            case UnixDomainSocketEndPoint path: return " unix:" + path.ToString().Replace(run.Folder, "$DIR");
            default: return " " + endpoint;
        }
    }
}
