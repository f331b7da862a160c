// The player on .NET's own classes. ../README.md describes the scenarios.
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Differential;

static class Program
{
    const string Usage =
        "usage: differential-dotnet play STYLE FILE...   STYLE: blocking, task or eventargs\n" +
        "       differential-dotnet texts <FILE          what the parsers make of each text\n" +
        "       differential-dotnet version\n";

    static int Main(string[] arguments)
    {
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16));
        int status = arguments switch
        {
            ["version"] => Version(),
            ["texts"] => PlayTexts(),
            ["play", string style, .. string[] files] when files.Length > 0 => PlayFiles(style, files),
            _ => Complain(),
        };
        Console.Out.Flush();
        // A scenario that hangs may have left a thread behind.
        Environment.Exit(status);
        return status;
    }

    static int Complain()
    {
        Console.Error.Write(Usage);
        return 2;
    }

    static int Version()
    {
        Console.Out.Write(RuntimeInformation.FrameworkDescription + "\n");
        return 0;
    }

    static bool CanResolve(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name).Length > 0;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.HostNotFound)
        {
            return false;
        }
    }

    static bool MachineHas(string need)
    {
        if (need == "net11") return ResolverSteps.Exists;
        try
        {
            if (need == "resolver") return !CanResolve("name.invalid");
            if (need == "root")
            {
                using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp);
                return true;
            }
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static int PlayFiles(string name, string[] files)
    {
        Style style = name switch { "blocking" => Style.Blocking, "task" => Style.Task, "eventargs" => Style.EventArgs, _ => 0 };
        if (style == 0) return Complain();
        foreach (string file in files)
        {
            foreach (Scenario scenario in Scenario.ReadFile(file).Where(each => each.IsFor(style)))
            {
                if (scenario.Needs != null && !MachineHas(scenario.Needs))
                    Console.Out.Write($"== {scenario.Name}\nlacking {scenario.Needs}\n");
                else
                    new Run(file, scenario, style).Play();
                Console.Out.Flush();
            }
        }
        return 0;
    }

    /// The text of a value, if all the forms that write it agree.
    static string Written<T>(T value) where T : ISpanFormattable, IUtf8SpanFormattable
    {
        string text = value.ToString();
        Span<char> room = stackalloc char[128];
        Span<byte> bytes = stackalloc byte[128];
        bool agree = value.TryFormat(room, out int length, default, null) && room[..length].SequenceEqual(text) &&
            value.TryFormat(bytes, out int size, default, null) && Encoding.UTF8.GetString(bytes[..size]) == text;
        return agree ? text : "written differently by TryFormat";
    }

    /// Whether the other forms that read a text agree with Parse.
    static bool ReadAlike(string kind, string text, object parsed)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bool Is(bool accepted, object value) => accepted ? value.Equals(parsed) : parsed == null;
        return kind switch
        {
            "Address" => Is(IPAddress.TryParse(text, out IPAddress a), a) && Is(IPAddress.TryParse(text.AsSpan(), out IPAddress b), b) &&
                Is(IPAddress.TryParse(bytes, out IPAddress c), c) && IPAddress.IsValid(text) == (parsed != null) &&
                IPAddress.IsValidUtf8(bytes) == (parsed != null),
            "EndPoint" => Is(IPEndPoint.TryParse(text, out IPEndPoint a), a) && Is(IPEndPoint.TryParse(text.AsSpan(), out IPEndPoint b), b),
            _ => Is(IPNetwork.TryParse(text, out IPNetwork a), a) && Is(IPNetwork.TryParse(text.AsSpan(), out IPNetwork b), b) &&
                Is(IPNetwork.TryParse(bytes, out IPNetwork c), c),
        };
    }

    static string PlayText(string kind, string text)
    {
        string result = Parse(kind, text, out object parsed);
        return ReadAlike(kind, text, parsed) ? result : "read differently by TryParse";
    }

    static string Parse(string kind, string text, out object parsed)
    {
        parsed = null;
        try
        {
            switch (kind)
            {
                case "Address":
                    var address = IPAddress.Parse(text);
                    parsed = address;
                    return "ok " + Written(address);
                case "EndPoint":
                    var endpoint = IPEndPoint.Parse(text);
                    parsed = endpoint;
                    return "ok " + endpoint;
                default:
                    var network = IPNetwork.Parse(text);
                    parsed = network;
                    return "ok " + Written(network);
            }
        }
        catch (FormatException)
        {
            return "Format ";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name + " ";
        }
    }

    static int PlayTexts()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        while (input.ReadLine() is string line)
        {
            int tab = line.IndexOf('\t');
            Console.Out.Write($"{line} => {PlayText(line[..tab], line[(tab + 1)..])}\n");
        }
        return 0;
    }
}
